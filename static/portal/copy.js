/* Copy the words of a field. Where there is no TLS the clipboard is closed to scripts: then as the keyboard would do it. */
document.querySelectorAll("[data-copy]").forEach(function (button) {
  "use strict";
  const field = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async function () {
    let copied = false;
    try {
      await navigator.clipboard.writeText(field.value);
      copied = true;
    } catch (error) {
      field.focus();
      field.select();
      copied = document.execCommand("copy");
    }
    said.textContent = copied ? "已复制，可粘贴到工作日志。" : "没有复制上，长按文字复制。";
  });
});
