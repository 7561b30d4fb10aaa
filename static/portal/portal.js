/* Small behaviour of every page. Pages work without it; nothing here writes markup from data. */
(function () {
  "use strict";

  // 显示/隐藏 of a password field; the button appears only here, without a script it could do nothing.
  document.querySelectorAll("[data-password-toggle]").forEach(function (button) {
    var field = document.getElementById(button.getAttribute("data-password-toggle"));
    if (!field) {
      return;
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      var shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.textContent = shown ? "显示" : "隐藏";
      button.setAttribute("aria-label", (shown ? "显示" : "隐藏") + button.getAttribute("data-name"));
      field.focus();
    });
    if (field.form) {
      field.form.addEventListener("submit", function () {
        field.type = "password";
      });
    }
  });

  // "/" goes to the search field, unless somebody is writing.
  document.addEventListener("keydown", function (event) {
    var search = document.getElementById("bar-search");
    var writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "/" && search && !writing && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    }
  });

  // A toast leaves after eight seconds, but not while it is pointed at or focused.
  document.querySelectorAll(".toast-line").forEach(function (toast) {
    var timer = null;
    function leaveLater() {
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        toast.remove();
      }, 8000);
    }
    function stay() {
      window.clearTimeout(timer);
    }
    toast.addEventListener("mouseenter", stay);
    toast.addEventListener("focusin", stay);
    toast.addEventListener("mouseleave", leaveLater);
    toast.addEventListener("focusout", leaveLater);
    leaveLater();
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      window.print();
    });
  });

  // What is printed is in the audit trail, whether by the button or by Ctrl+P. 走访表 is there since it was opened.
  window.addEventListener("beforeprint", function () {
    if (document.body.classList.contains("prints-sheet")) {
      return;
    }
    window
      .fetch(document.body.getAttribute("data-printed"), {
        method: "POST",
        headers: JSON.parse(document.body.getAttribute("hx-headers")),
        body: new URLSearchParams({ page: window.location.pathname, title: document.title.split(" · ")[0] }),
        keepalive: true,
      })
      .catch(function () {
        return; // there is no network: what is on the screen is on the paper all the same
      });
  });

  // What pages kept on this device goes with the person. Without TLS a browser does not hear Clear-Site-Data.
  document.addEventListener("submit", function (event) {
    if (!event.target.matches("[action$='/logout/']")) {
      return;
    }
    var waiting = Object.keys(window.localStorage).filter(function (name) {
      return name.indexOf("visit:") === 0 && JSON.parse(window.localStorage.getItem(name)).waiting;
    }).length;
    if (waiting && !window.confirm("本机还有 " + waiting + " 条走访没有提交，退出后就没有了。仍要退出？")) {
      event.preventDefault();
      return;
    }
    window.localStorage.clear();
    window.indexedDB.deleteDatabase("banzhuang-visits");
  });

  // A second press on a slow line must not send a form again; after four seconds it may (the answer was a file).
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    if (form.method === "post" && !event.defaultPrevented) {
      form.setAttribute("data-sent", "");
      window.setTimeout(function () {
        form.removeAttribute("data-sent");
      }, 4000);
    }
  });

  // After a refused form its summary is where the work goes on.
  var wrong = document.querySelector(".form-errors");
  if (wrong) {
    wrong.focus();
  }
})();
