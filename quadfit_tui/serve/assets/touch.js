// A screen that is touched: its keyboard, and fingers that drag. xterm.js knows keys and a mouse alone.
const DELETE = "\x7f";
const BEFORE = " "; // stands before what is typed, for Backspace to take where there is nothing else
const SLOP = 10; // pixels that a finger may move in a tap
const KEYBOARD = 100; // pixels that the keyboard is higher than; a browser's own bars are not

// Has a terminal take what the keyboard of the screen types. Such a one puts words together, corrects them, takes
// letters back, and tells of it by events that differ from one to the next: what becomes of the text is the same.
export function takeKeyboard(place, terminal) {
  const field = terminal.textarea;
  let before = [];
  const own = (event) => event.stopPropagation();
  const listen = (names, heed) => names.forEach((name) => place.addEventListener(name, heed, true));
  field.autocomplete = "off"; // Android: no suggestions
  field.inputMode = "none"; // a tap is for the program; the keyboard opens by its button
  listen(["compositionstart", "compositionupdate", "compositionend"], own);
  listen(["keydown"], (event) => event.keyCode === 229 && own(event)); // a key that has no name there
  listen(["keypress"], own); // of one that has a name, such as a keyboard's that is plugged in: it changes the text, too
  listen(["focusin", "keyup"], (event) => !event.isComposing && (field.value ||= BEFORE));
  listen(["beforeinput"], () => (before = [...field.value]));
  listen(["input"], (event) => {
    own(event);
    const after = [...field.value];
    const same = after.findIndex((character, at) => character !== before[at]);
    const kept = same < 0 ? after.length : same;
    const typed = after.slice(kept).join("").replaceAll("\n", "\r");
    terminal.input(DELETE.repeat(before.length - kept) + typed);
  });
}

// Opens the keyboard of the screen, or closes it.
export function toggleKeyboard({ textarea }) {
  textarea.inputMode = textarea.inputMode === "none" ? "text" : "none";
  textarea.blur();
  textarea.focus({ preventScroll: true });
}

// The keyboard closes by a key of its own, too. Where it lies over the page, as on iOS, the page is as high as the rest.
export function makeRoom({ textarea }) {
  let { width, height } = visualViewport;
  visualViewport.addEventListener("resize", () => {
    if (visualViewport.scale > 1) return; // magnified
    const before = { width, height };
    ({ width, height } = visualViewport);
    if (width === before.width && height > before.height + KEYBOARD) textarea.inputMode = "none";
    document.body.style.height = `${height}px`;
    scrollTo(0, 0);
  });
}

// A finger that drags up or down is a wheel, and one that drags across is a mouse. Two are the browser's magnifier, and
// so is one where that is in use.
export function takeDrags(place) {
  let last, kind;
  const send = (Event, type, more) => {
    const { clientX, clientY, target } = last;
    target.dispatchEvent(new Event(type, { clientX, clientY, bubbles: true, cancelable: true, ...more }));
  };
  // A finger that is lifted rests nowhere: nothing is to be told of what was tapped, which would cover what it opened.
  place.addEventListener("mousemove", (event) => event.buttons || event.stopPropagation(), true);
  const end = () => {
    if (kind !== "mouse") return;
    send(MouseEvent, "mouseup");
    kind = "over";
  };
  place.addEventListener("touchstart", ({ touches }) => {
    end();
    [last, kind] = [touches[0], touches.length > 1 ? "over" : ""];
  });
  place.addEventListener("touchmove", (event) => {
    if (kind === "over" || visualViewport.scale > 1) return;
    event.preventDefault();
    const now = event.touches[0];
    const [x, y] = [now.clientX - last.clientX, now.clientY - last.clientY];
    if (!kind && Math.hypot(x, y) < SLOP) return;
    if (!kind) {
      kind = 2 * Math.abs(x) > Math.abs(y) ? "mouse" : "wheel"; // a curve that falls is drawn
      if (kind === "mouse") send(MouseEvent, "mousedown", { buttons: 1 });
    }
    last = now;
    if (kind === "mouse") send(MouseEvent, "mousemove", { buttons: 1 });
    else send(WheelEvent, "wheel", { deltaY: -2 * y });
  });
  place.addEventListener("touchend", end);
  place.addEventListener("touchcancel", end);
}
