/* The boxes that the admin draws over a select of many choices get the name of their field, for those who hear a page. */
(function () {
  "use strict";

  window.addEventListener("load", function () {
    document.querySelectorAll("select.admin-autocomplete").forEach(function (select) {
      var label = document.querySelector('label[for="' + select.id + '"]');
      var box = select.parentElement.querySelector(".select2-selection");
      var shown = select.parentElement.querySelector(".select2-selection__rendered");
      if (!label || !box || !shown) {
        return;
      }
      label.id = select.id + "-label";
      shown.setAttribute("aria-labelledby", label.id);
      box.setAttribute("aria-labelledby", label.id + " " + shown.id);
    });
  });
})();
