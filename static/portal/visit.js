/* The form of a visit: kept on the device while one writes, photos made small, sent when there is a network.
   Without this script it is a plain form. */
(function () {
  "use strict";

  const form = document.querySelector("[data-visit]");
  if (!form) {
    return;
  }
  const key = form.dataset.visit;
  const user = key.split("/")[0];
  const KEPT = "填的内容和照片都在这部手机里，";
  const DAYS = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];
  let photos = []; // [{name, blob, shown: data URL, "" when it cannot be drawn}]
  let touched = new Set(); // fields that somebody chose: they follow the topic no more
  let sending = false;
  let taking = Promise.resolve(); // photos just chosen, until they are small and kept

  const one = (selector) => form.querySelector(selector);
  const field = (name) => form.elements.namedItem(name);
  const chosen = (name) => Array.from(form.querySelectorAll(`[name=${name}]:checked`), (input) => input.value);

  // --- What is said --------------------------------------------------------------------------------------

  function stateOfDraft(text) {
    document.querySelectorAll("[data-draft-state]").forEach(function (place) {
      place.textContent = text;
    });
  }

  function say(state, lead, rest, link) {
    const box = one("[data-visit-said]");
    box.hidden = false;
    box.firstElementChild.className = "notice notice-" + state;
    one("[data-said-lead]").textContent = lead;
    one("[data-said-rest]").textContent = rest;
    const way = one("[data-said-link]");
    way.hidden = !link;
    if (link) {
      way.href = link.url;
      way.textContent = link.text;
    }
    box.scrollIntoView({ block: "nearest" });
  }

  function sayWaiting() {
    const place = one("[data-waiting]");
    if (place) {
      const count = Drafts.waiting(user).length;
      place.textContent = count ? "本机待传 " + count + " 条 · " : "";
    }
  }

  function clock(moment) {
    const at = new Date(moment);
    const day = at.toDateString() === new Date().toDateString() ? "" : at.getMonth() + 1 + "月" + at.getDate() + "日 ";
    return day + String(at.getHours()).padStart(2, "0") + ":" + String(at.getMinutes()).padStart(2, "0");
  }

  // --- The draft -----------------------------------------------------------------------------------------

  function written() {
    return Array.from(new FormData(form)).filter(
      ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "photos-waiting"
    );
  }

  function keep(waiting) {
    const draft = {
      at: Date.now(),
      about: form.dataset.about,
      url: window.location.pathname,
      fields: written(),
      waiting: waiting,
    };
    const kept = Drafts.write(key, draft);
    const state = navigator.onLine ? "草稿已存 " + clock(draft.at) : "未联网，存于本机";
    stateOfDraft(kept ? state : "本机存不下草稿");
    sayWaiting();
    return draft;
  }

  let timer = null;
  function keepSoon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(keepNow, 300);
  }

  function keepNow() {
    window.clearTimeout(timer);
    timer = null;
    const before = Drafts.read(key);
    keep(false);
    if (before && before.waiting) {
      say("near", "又改过了，还没有提交。", "改好后再点一次“提交走访”。");
    }
  }

  function restore(fields) {
    for (const input of form.elements) {
      if (!input.name || input.type === "file" || input.name === "csrfmiddlewaretoken") {
        continue;
      }
      const values = fields.filter(([name]) => name === input.name).map(([, value]) => value);
      if (input.type === "checkbox" || input.type === "radio") {
        input.checked = values.includes(input.value);
      } else if (values.length && (!input.options || Array.from(input.options).some((o) => o.value === values[0]))) {
        input.value = values[0];
      }
    }
    touched = new Set(["handler", "joins"]);
  }

  async function restoreDraft() {
    const draft = Drafts.read(key);
    if (!draft) {
      return;
    }
    restore(draft.fields);
    const kept = await Drafts.photosOf(key);
    photos = await Promise.all(kept.map(async (photo) => ({ ...photo, shown: await SmallPhotos.shown(photo.blob) })));
    stateOfDraft(draft.waiting ? "存于本机，没有提交" : "草稿已存 " + clock(draft.at));
    const drop = one("[data-draft-drop]");
    if (drop) {
      drop.hidden = false;
    }
    draw();
    if (draft.waiting && !draft.wrong) {
      submit();
    }
  }

  // --- Photos --------------------------------------------------------------------------------------------

  async function take(files) {
    const whole = Boolean(one("[data-photos]").dataset.whole);
    for (const file of files) {
      if (photos.length >= most()) {
        say("near", "最多 " + most() + " 张照片。", "多选的没有放进来；要换的，先去掉一张。");
        break;
      }
      photos.push(await SmallPhotos.take(file, whole));
      drawPhotos();
    }
    await keepPhotos();
  }

  // The words first: what is submitted while the device still stores the photos waits, and is no draft again.
  async function keepPhotos() {
    keep(false);
    await Drafts.keepPhotos(
      key,
      photos.map((photo) => ({ name: photo.name, blob: photo.blob }))
    );
  }

  // A visit that is corrected has photos already.
  function most() {
    const had = form.querySelectorAll("[name=dropped]").length - chosen("dropped").length;
    return Number(one("[data-photos]").dataset.most) - had;
  }

  function drawPhotos() {
    const box = one("[data-photos]");
    box.classList.add("photos-ready");
    box.classList.toggle("photos-full", photos.length >= most());
    one("[data-tiles]").replaceChildren(
      ...photos.map(function (photo, place) {
        const tile = document.createElement("li");
        tile.className = "photo-tile";
        const picture = document.createElement(photo.shown ? "img" : "span");
        if (photo.shown) {
          picture.src = photo.shown;
          picture.alt = "第 " + (place + 1) + " 张照片";
        } else {
          picture.className = "photo-name";
          picture.textContent = photo.name;
        }
        const button = one("[data-drop-photo]").content.firstElementChild.cloneNode(true);
        button.setAttribute("aria-label", "去掉第 " + (place + 1) + " 张照片");
        button.addEventListener("click", function () {
          photos.splice(place, 1);
          drawPhotos();
          keepPhotos();
        });
        tile.append(picture, button);
        return tile;
      })
    );
  }

  // --- What follows from what was chosen -----------------------------------------------------------------

  function drawDay() {
    const day = field("date").value;
    const today = form.dataset.today;
    const before = Math.round((Date.parse(today) - Date.parse(day)) / 86400000);
    const named = ["今天", "昨天", "前天"][before];
    one("[data-day-said]").textContent = day ? named || DAYS[new Date(day).getUTCDay()] : "";
    const after = one("[data-after]");
    if (after) {
      after.dataset.words = after.dataset.words || after.textContent;
      after.textContent = !day || day >= form.dataset.monday ? after.dataset.words : "不在本周，计入走访的那一周";
    }
    const half = form.querySelector("[name=half_day]:checked + label");
    const log = form.querySelector("label[for=id_in_log]");
    log.textContent = (before === 0 ? "写入今日工作日志" : "写入工作日志") + (half ? "（" + half.textContent + "）" : "");
  }

  function drawNeed() {
    const part = one("[data-need]");
    if (!part) {
      return;
    }
    part.hidden = !chosen("result").includes("pending");
    const topics = chosen("topics");
    const joins = field("joins");
    if (joins) {
      const unsaid = joins.querySelector("option[value='']");
      if (unsaid) {
        unsaid.remove();
      }
      if (!touched.has("joins")) {
        const open = Array.from(form.querySelectorAll("[data-open-need]"));
        const same = open.find((need) => topics.includes(need.dataset.topic));
        joins.value = same ? same.dataset.openNeed : "new";
      }
    }
    const joined = joins && one(`[data-open-need="${joins.value}"]`);
    one("[data-answer]").hidden = Boolean(joined);
    one("[data-need-said]").textContent = joined ? joined.dataset.words : "另立一件诉求，由承办在期限前答复。";
    const handler = topics.length && one(`[data-handler-of="${topics[0]}"]`);
    if (handler && !touched.has("handler")) {
      field("handler").value = handler.dataset.handler;
    }
  }

  function draw() {
    drawDay();
    drawNeed();
    drawPhotos();
  }

  function onlyNothing(changed) {
    form.querySelectorAll("[name=topics]").forEach(function (input) {
      const other = changed.value === "nothing" ? input !== changed : input.value === "nothing";
      if (changed.checked && other) {
        input.checked = false;
      }
    });
  }

  // --- Sending -------------------------------------------------------------------------------------------

  function forgetErrors() {
    form.querySelectorAll(".form-errors, .error").forEach((place) => place.remove());
    form.querySelectorAll(".field-error").forEach((place) => place.classList.remove("field-error"));
    form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
    one("[data-visit-said]").hidden = true;
  }

  // Without a network the page looks for what it can find itself, in the server's words; the rest waits for the server.
  function wrongHere() {
    const silent = !field("heard").value.trim() && !chosen("topics").length;
    const found = [
      field("date").value > form.dataset.today && ["date", form.dataset.late],
      silent && ["heard", form.dataset.silent],
      !chosen("result").length && ["result", form.dataset.undecided],
    ].filter(Boolean);
    found.forEach(function ([name, sentence]) {
      const input = one(`[name=${name}]`);
      const line = one("[data-error]").content.firstElementChild.cloneNode(true);
      line.id = "here_" + name;
      line.querySelector("[data-sentence]").textContent = sentence;
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", line.id);
      input.closest(".field").classList.add("field-error");
      input.closest(".field").append(line);
    });
    return found.length;
  }

  function sayOffline() {
    const count = wrongHere();
    if (count) {
      keep(false);
      say("bad", "还有 " + count + " 处要改，改好就能提交。", "没有联网：" + KEPT + "联网后点“提交走访”。");
    } else {
      say("near", "没有联网，还没有提交。", KEPT + "联网后自动提交，也可以再点一次“提交走访”。");
    }
    stateOfDraft("未联网，存于本机");
  }

  async function submit() {
    if (sending) {
      return;
    }
    sending = true;
    await taking;
    window.clearTimeout(timer);
    timer = null;
    forgetErrors();
    const draft = keep(true);
    if (!navigator.onLine) {
      sending = false;
      sayOffline();
      return;
    }
    const button = one(".action-bar .btn-primary");
    button.setAttribute("aria-disabled", "true");
    stateOfDraft("正在提交");
    const answer = await Drafts.send(draft, photos);
    sending = false;
    button.removeAttribute("aria-disabled");
    await told(answer);
  }

  async function told(answer) {
    if (answer.state === "saved") {
      await Drafts.drop(key);
      window.location.assign(answer.url);
    } else if (answer.state === "wrong") {
      mend(answer.html);
    } else if (answer.state === "elsewhere") {
      say("near", "登录已过期。", "填的内容和照片都在本机，登录后回到这一页，自动提交。", { url: answer.url, text: "去登录" });
    } else if (answer.state === "expired") {
      say("near", "这一页已过期。", "填的内容和照片都在本机，重新打开后自动提交。", {
        url: window.location.pathname,
        text: "重新打开",
      });
    } else if (answer.state === "gone") {
      keep(false);
      say("bad", "这一户已不在您的范围内，没有收下。", "填的内容还在本机，可以复制出来交给现在的联系领导。");
    } else if (answer.state === "refused") {
      keep(false);
      say("bad", "服务器没有收下。", "填的内容和照片都在本机，过一会儿再点“提交走访”。");
    } else {
      sayOffline();
    }
  }

  function mend(html) {
    one("[data-visit-body]").innerHTML = html;
    touched = new Set(["handler", "joins"]);
    form.querySelectorAll("[name=photos-waiting]").forEach((note) => note.closest(".check").remove());
    draw();
    keep(false);
    one(".form-errors").focus();
  }

  // --- Listening -----------------------------------------------------------------------------------------

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    submit();
  });
  form.addEventListener("input", keepSoon);
  form.addEventListener("change", function (event) {
    const changed = event.target;
    if (changed.type === "file") {
      const files = Array.from(changed.files);
      changed.value = "";
      taking = take(files).catch(() => say("bad", "有一张照片读不出来。", "没有放进来，换一张再试。"));
      return;
    }
    if (changed.name === "topics") {
      onlyNothing(changed);
    }
    touched.add(changed.name);
    draw();
    keepSoon();
  });
  form.addEventListener("click", async function (event) {
    if (event.target.closest("[data-draft-drop]")) {
      window.clearTimeout(timer);
      timer = null;
      await Drafts.drop(key);
      window.location.reload();
    }
  });
  // A phone that is put away may end the page without a word.
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden" && timer) {
      keepNow();
    }
  });
  window.addEventListener("online", function () {
    const draft = Drafts.read(key);
    if (draft && draft.waiting) {
      submit();
    }
  });
  window.addEventListener("offline", () => stateOfDraft("未联网，存于本机"));

  if (form.querySelector(".form-errors")) {
    touched = new Set(["handler", "joins"]);
  }
  draw();
  sayWaiting();
  Drafts.forgetOld();
  restoreDraft();
})();
