/* Photos made small before they are sent: a yard has little network. The server checks and encodes them anew. */
const SmallPhotos = (function () {
  "use strict";

  const LARGEST_SIDE = 1600; // the server keeps no more
  const SHOWN_SIDE = 240;
  const HEAD = 131072; // where a camera's notes stand
  const TIME = /\d{4}:\d\d:\d\d \d\d:\d\d:\d\d/;

  function dataUrl(blob) {
    return new Promise(function (resolve, reject) {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
  }

  function onCanvas(image, side) {
    const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  // An image element turns the picture upright by itself; null where the browser does not know the format.
  async function imageOf(blob) {
    try {
      const image = new Image();
      image.src = await dataUrl(blob);
      await image.decode();
      return image;
    } catch (error) {
      return null;
    }
  }

  // A data URL for the tile, "" for what cannot be drawn: the server judges that.
  async function shown(blob) {
    const image = await imageOf(blob);
    return image ? onCanvas(image, SHOWN_SIDE).toDataURL("image/jpeg", 0.8) : "";
  }

  // → {name, blob, shown}; whole: as it is, for the place that the camera noted is to be kept.
  async function take(file, whole) {
    const image = await imageOf(file);
    if (!image) {
      return { name: file.name, blob: file, shown: "" };
    }
    const tile = onCanvas(image, SHOWN_SIDE).toDataURL("image/jpeg", 0.8);
    const small = await new Promise((resolve) => onCanvas(image, LARGEST_SIDE).toBlob(resolve, "image/jpeg", 0.85));
    if (whole || !small || small.size >= file.size) {
      return { name: file.name, blob: file, shown: tile };
    }
    return { name: file.name.replace(/\.\w+$/, "") + ".jpg", blob: withTime(small, await timeOf(file)), shown: tile };
  }

  // When the photo was taken, as the camera wrote it: 2026:07:01 10:32:05.
  async function timeOf(file) {
    const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
    const found = TIME.exec(new TextDecoder("latin1").decode(head));
    return found ? found[0] : "";
  }

  // The canvas drops all of the camera's notes; the time comes back as the only one (Exif 2.3, DateTimeOriginal).
  function withTime(jpeg, time) {
    if (!time) {
      return jpeg;
    }
    const note = new Uint8Array(74);
    const view = new DataView(note.buffer);
    const TIFF = 10;
    const entry = function (place, tag, type, count, value) {
      view.setUint16(place, 1); // one entry; no directory follows
      view.setUint16(place + 2, tag);
      view.setUint16(place + 4, type);
      view.setUint32(place + 6, count);
      view.setUint32(place + 10, value);
    };
    view.setUint16(0, 0xffe1);
    view.setUint16(2, note.length - 2);
    note.set(new TextEncoder().encode("Exif"), 4);
    note.set(new TextEncoder().encode("MM"), TIFF);
    view.setUint16(TIFF + 2, 42);
    view.setUint32(TIFF + 4, 8);
    entry(TIFF + 8, 0x8769, 4, 1, 26);
    entry(TIFF + 26, 0x9003, 2, 20, 44);
    note.set(new TextEncoder().encode(time), TIFF + 44);
    return new Blob([jpeg.slice(0, 2), note, jpeg.slice(2)], { type: "image/jpeg" });
  }

  return { take, shown };
})();
