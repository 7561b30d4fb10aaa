/* What was written of a visit stays on the device until the server has it: words in localStorage, photos in IndexedDB.
   A key is visit:<user>/<household>/<visit or "new">; nobody sees another's. */
const Drafts = (function () {
  "use strict";

  const PREFIX = "visit:";
  const DATABASE = "banzhuang-visits";
  const PHOTOS = "photos";
  const KEPT_DAYS = 14;
  const PATIENCE = 60000;

  // --- Words ---------------------------------------------------------------------------------------------

  function read(key) {
    try {
      return JSON.parse(window.localStorage.getItem(PREFIX + key));
    } catch (error) {
      return null;
    }
  }

  // draft: {at, about, url, fields: [[name, value]], waiting: to be sent as soon as there is a network}
  function write(key, draft) {
    try {
      window.localStorage.setItem(PREFIX + key, JSON.stringify(draft));
      return true;
    } catch (error) {
      return false;
    }
  }

  function drop(key) {
    window.localStorage.removeItem(PREFIX + key);
    return keepPhotos(key, []);
  }

  function all() {
    return Object.keys(window.localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => ({ key: name.slice(PREFIX.length), draft: read(name.slice(PREFIX.length)) }))
      .filter((item) => item.draft);
  }

  function waiting(user) {
    return all().filter((item) => item.key.startsWith(user + "/") && item.draft.waiting);
  }

  // What was begun and never sent does not stay for ever on a phone that may be lost.
  function forgetOld() {
    const oldest = Date.now() - KEPT_DAYS * 86400000;
    all()
      .filter((item) => !item.draft.waiting && item.draft.at < oldest)
      .forEach((item) => drop(item.key));
  }

  // --- Photos --------------------------------------------------------------------------------------------

  function open() {
    return new Promise(function (resolve, reject) {
      const opening = window.indexedDB.open(DATABASE, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(PHOTOS);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  }

  function inStore(mode, act) {
    return open().then(
      (database) =>
        new Promise(function (resolve, reject) {
          const transaction = database.transaction(PHOTOS, mode);
          const request = act(transaction.objectStore(PHOTOS));
          transaction.oncomplete = function () {
            database.close();
            resolve(request.result);
          };
          transaction.onerror = () => reject(transaction.error);
          transaction.onabort = () => reject(transaction.error);
        })
    );
  }

  // photos: [{name, blob}]. Where a browser keeps none, as in a private window, they live as long as the page.
  function keepPhotos(key, photos) {
    const act = (store) => (photos.length ? store.put(photos, key) : store.delete(key));
    return inStore("readwrite", act).then(
      () => true,
      () => false
    );
  }

  function photosOf(key) {
    return inStore("readonly", (store) => store.get(key)).then(
      (found) => found || [],
      () => []
    );
  }

  // --- Sending -------------------------------------------------------------------------------------------

  // → {state: "saved" | "wrong" | "elsewhere", url or html}, or {state: "offline" | "expired" | "gone" | "refused"}
  async function send(draft, photos) {
    const body = new FormData();
    draft.fields.forEach(([name, value]) => body.append(name, value));
    photos.forEach((photo) => body.append("photos", photo.blob, photo.name));
    const patience = new AbortController();
    const timer = window.setTimeout(() => patience.abort(), PATIENCE);
    let response;
    try {
      response = await fetch(draft.url, {
        method: "POST",
        body: body,
        credentials: "same-origin",
        signal: patience.signal,
        headers: {
          ...JSON.parse(document.body.getAttribute("hx-headers")),
          "HX-Request": "true",
          "HX-Current-URL": window.location.href,
        },
      });
      const target = response.headers.get("HX-Redirect");
      if (target) {
        return { state: response.headers.has("Visit-Saved") ? "saved" : "elsewhere", url: target };
      }
      if (response.status === 422) {
        return { state: "wrong", html: await response.text() };
      }
    } catch (error) {
      return { state: "offline" };
    } finally {
      window.clearTimeout(timer);
    }
    return { state: { 403: "expired", 404: "gone" }[response.status] || "refused" };
  }

  return { read, write, drop, waiting, forgetOld, keepPhotos, photosOf, send };
})();
