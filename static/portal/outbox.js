/* What waits on this device, on the plan and on 首页: how much, and sent as soon as there is a network. */
(function () {
  "use strict";

  const box = document.querySelector("[data-outbox]");
  if (!box) {
    return;
  }
  const user = box.dataset.outbox;
  const list = box.querySelector("[data-outbox-list]");
  let sending = false;

  function draw() {
    const found = Drafts.waiting(user);
    box.hidden = !found.length;
    box.querySelector("[data-outbox-count]").textContent = "本机待传 " + found.length + " 条。";
    list.replaceChildren(
      ...found.map(function (item) {
        const line = document.createElement("li");
        const link = document.createElement("a");
        link.href = item.draft.url;
        link.textContent = item.draft.about;
        line.append(link, item.draft.wrong ? "：还有要改的地方，打开改好再提交。" : "");
        return line;
      })
    );
  }

  async function sendAll() {
    if (sending || !navigator.onLine) {
      return;
    }
    sending = true;
    let saved = 0;
    for (const item of Drafts.waiting(user).filter((one) => !one.draft.wrong)) {
      const answer = await Drafts.send(item.draft, await Drafts.photosOf(item.key));
      if (answer.state === "saved") {
        await Drafts.drop(item.key);
        saved += 1;
      } else if (answer.state === "wrong" || answer.state === "gone") {
        Drafts.write(item.key, { ...item.draft, wrong: true });
      } else {
        break;
      }
    }
    sending = false;
    if (saved) {
      window.location.reload(); // the plan, and what the server says of the visits
    } else {
      draw();
    }
  }

  box.querySelector("[data-outbox-send]").addEventListener("click", sendAll);
  window.addEventListener("online", sendAll);
  draw();
  sendAll();
})();
