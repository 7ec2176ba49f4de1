// The terminal of the page: xterm.js in the page's colors; what the program copies and saves goes to the browser.
import "./styles.js";
import { Terminal } from "./xterm.mjs";
import { FitAddon } from "./addon-fit.mjs";
import { Unicode11Addon } from "./addon-unicode11.mjs";

const place = document.getElementById("terminal");
const copying = document.getElementById("copy");
const dark = matchMedia("(prefers-color-scheme: dark)");
const OF_BROWSER = ["F5", "F11", "F12"]; // reload, full screen, tools: the program has no use for them
const WITH_CTRL = ["v", "+", "-", "=", "0"]; // paste, and the browser's own magnifier

export const isDark = () => dark.matches;

export async function open() {
  const styled = getComputedStyle(place);
  const size = parseFloat(styled.fontSize);
  // The cells are measured once, by the font that they will be shown in.
  await Promise.all(["", "bold "].map((weight) => document.fonts.load(`${weight}${size}px "quadfit terminal"`)));
  const terminal = new Terminal({
    allowProposedApi: true, // for the widths of Unicode 11
    fontFamily: styled.fontFamily,
    fontSize: size,
    macOptionClickForcesSelection: true,
    scrollback: 0,
    theme: colors(),
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  terminal.open(place);
  terminal.textarea.setAttribute("aria-label", place.dataset.label);
  terminal.attachCustomKeyEventHandler((event) => isOfTerminal(event, terminal));
  terminal.onTitleChange((title) => (document.title = title || "quadfit-tui"));
  terminal.parser.registerOscHandler(52, (data) => copy(data, terminal));
  terminal.parser.registerOscHandler(1337, save);
  dark.addEventListener("change", () => {
    terminal.options.theme = colors();
    // As in DEC private mode 2031, which xterm.js 6.0 does not have; the program then asks for the background.
    terminal.input(`\x1b[?997;${dark.matches ? 1 : 2}n`, false);
  });
  fit.fit();
  let timer;
  new ResizeObserver(() => {
    clearTimeout(timer); // a window that is drawn larger has many sizes a second
    timer = setTimeout(() => fit.fit(), 50);
  }).observe(place);
  return terminal;
}

function colors() {
  const styled = getComputedStyle(document.documentElement);
  const [background, foreground] = ["--background", "--foreground"].map((name) => styled.getPropertyValue(name).trim());
  return { background, foreground, cursor: foreground, cursorAccent: background };
}

// Whether a key goes to the program; else the browser has it.
function isOfTerminal(event, terminal) {
  if (event.key === "F6") {
    event.preventDefault();
    if (event.type === "keydown") leave();
    return false;
  }
  if (OF_BROWSER.includes(event.key)) return false;
  const commands = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (commands && event.key === "c" && terminal.hasSelection()) return false;
  return !(commands && WITH_CTRL.includes(event.key));
}

// Tab belongs to the program: F6 leads to what is behind the terminal.
function leave() {
  const behind = [...document.querySelectorAll("#leave, #keys button")];
  behind.find((each) => each.offsetParent !== null).focus();
}

// OSC 52, to write alone: the program never reads what somebody has copied elsewhere.
function copy(data, terminal) {
  const text = data.slice(data.indexOf(";") + 1);
  if (text === "?") return true;
  const copied = textOf(text);
  // Where a page is not told to be safe (http, not of this machine) a browser has no clipboard for it, or refuses.
  const written = navigator.clipboard?.writeText(copied) ?? Promise.reject(new Error("no clipboard"));
  written.catch(() => offer(copied, terminal));
  return true;
}

function offer(copied, terminal) {
  const [field, button] = ["textarea", "button"].map((name) => copying.querySelector(name));
  const close = () => {
    copying.hidden = true;
    terminal.focus();
  };
  copying.onkeydown = (event) => event.key === "Escape" && close();
  button.onclick = close;
  field.value = copied;
  copying.hidden = false;
  field.focus();
  field.select();
}

// OSC 1337, as iTerm2 has it: File=ARGUMENTS:BASE64, a file that the program saves.
function save(data) {
  const [command, rest] = cut(data, "=");
  if (command !== "File") return false;
  const [words, content] = cut(rest, ":");
  download(nameIn(words), bytesOf(content));
  return true;
}

function nameIn(words) {
  const name = words.split(";").find((word) => word.startsWith("name="));
  return (name && textOf(name.slice(5)).replace(/[/\\\p{C}]/gu, "_")) || "quadfit-tui";
}

function download(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // until the browser has taken it
}

function cut(text, sign) {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

const textOf = (base64) => new TextDecoder().decode(bytesOf(base64));
