/* The boxes that the admin draws over a select of many choices get the name of their field, for those who hear a page. */
(function () {
  "use strict";

  function name(select) {
    var label = document.querySelector('label[for="' + select.id + '"]');
    var box = select.parentElement.querySelector(".select2-selection");
    var shown = select.parentElement.querySelector(".select2-selection__rendered");
    if (!label || !box || !shown) {
      return;
    }
    label.id = select.id + "-label";
    shown.setAttribute("aria-labelledby", label.id);
    box.setAttribute("aria-labelledby", label.id + " " + shown.id);
  }

  function nameAll(part) {
    part.querySelectorAll("select.admin-autocomplete").forEach(name);
  }

  if (!window.django || !window.django.jQuery) {
    return; // a page without such boxes
  }
  // The admin draws them from jQuery's ready, which may come after the page's load; ours stands behind in that queue.
  window.django.jQuery(function () {
    nameAll(document);
  });
  document.addEventListener("formset:added", function (event) {
    nameAll(event.target);
  });
})();
