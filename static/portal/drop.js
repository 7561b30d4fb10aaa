/* A file field as a place to drop on: the browser's own button speaks the browser's language, not the portal's. */
for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  const text = drop.querySelector("[data-drop-text]");
  drop.classList.add("is-ready");
  text.hidden = false;
  input.addEventListener("change", () => {
    if (input.files.length) {
      text.textContent = Array.from(input.files, (file) => file.name).join("、");
      drop.classList.add("has-file");
    }
  });
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, () => drop.classList.add("is-over"));
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("is-over"));
}
