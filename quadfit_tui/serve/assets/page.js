// The page: a terminal, and the session on the server that it shows. What the two say to each other is told in
// serve/messages.py; what is kept for a reload is in sessionStorage, which no other page has.
import { isDark, open } from "./terminal.js";

const PART = 32_768; // bytes of what is typed or pasted, in a message
const LONGEST_WAIT = 5_000; // milliseconds between two tries to connect
const notice = document.getElementById("notice");
const [said, button] = notice.children;
const encoder = new TextEncoder();

// The token is in the fragment, which no server is told and no log has; nor is it left where a projector shows it.
const token = /^#([\w-]+)$/.exec(location.hash)?.[1];
if (token && token !== sessionStorage.token) {
  sessionStorage.token = token;
  delete sessionStorage.session;
}
if (location.hash) history.replaceState(null, "", location.pathname);
addEventListener("hashchange", () => location.reload()); // the address was opened once more in the same tab

const terminal = await open();
let socket = null;
let tries = 0;
let timer;

function connect() {
  clearTimeout(timer);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const { token, session } = sessionStorage;
  const language = document.documentElement.lang.replace("-", "_");
  let opened = false;
  const protocols = ["quadfit", token, session && `session.${session}`].filter(Boolean);
  socket = new WebSocket(`${scheme}://${location.host}/session`, protocols);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    opened = true;
    socket.send(JSON.stringify({ ...size(), again: session, language, dark: isDark() }));
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") begin(JSON.parse(data));
    else show(new Uint8Array(data));
  };
  socket.onclose = async ({ code, reason }) => {
    const why = isFarewell(code) ? reason : opened ? "" : await refusal();
    if (why) end(why);
    else retry(opened ? notice.dataset.lost : notice.dataset.unreachable);
  };
}

// Whether the server has taken leave, in words for people; else it was broken off, if with a reason that is for none.
const isFarewell = (code) => [1000, 1001, 1008, 1013].includes(code) || code >= 4000;

// Why the server would not have this page, which a browser does not tell of a WebSocket; nothing where it would, or
// does not answer, of which a proxy tells in words of its own.
async function refusal() {
  try {
    const { token = "", session = "" } = sessionStorage;
    const headers = { Authorization: `Bearer ${token}`, "Quadfit-Session": session };
    const answer = await fetch("/session", { headers });
    const isOfServer = answer.headers.get("Content-Type")?.startsWith("text/plain") && answer.status !== 502;
    return isOfServer ? await answer.text() : "";
  } catch {
    return "";
  }
}

function begin({ session }) {
  sessionStorage.session = session;
  tries = 0;
  say(notice.dataset.starting, "");
  terminal.reset(); // the program shows everything anew
  terminal.options.disableStdin = false;
  if (!matchMedia("(pointer: coarse)").matches) terminal.focus(); // which would open the keyboard of the screen
}

function show(bytes) {
  notice.hidden = true;
  terminal.write(bytes);
}

// The server has said that it is over, and why.
function end(reason) {
  delete sessionStorage.session;
  say(reason, notice.dataset.anew);
  button.focus();
}

function retry(why) {
  say(why, notice.dataset.atOnce);
  timer = setTimeout(connect, Math.min(500 * 2 ** tries++, LONGEST_WAIT));
}

function say(what, offer) {
  terminal.options.disableStdin = true;
  said.textContent = what;
  button.textContent = offer;
  button.hidden = !offer; // and what passes by itself is shown only where it takes long
  notice.hidden = false;
}

const size = () => ({ size: [terminal.cols, terminal.rows] });

function send(bytes) {
  if (socket?.readyState !== WebSocket.OPEN) return;
  for (let at = 0; at < bytes.length; at += PART) socket.send(bytes.subarray(at, at + PART));
}

terminal.onData((text) => send(encoder.encode(text)));
terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))));
terminal.onResize(() => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(size())));
button.onclick = connect;
for (const key of document.querySelectorAll("#keys button")) {
  key.onpointerdown = (event) => event.preventDefault(); // the keyboard of the screen stays as it is
  key.onclick = () => terminal.input(key.dataset.sends === "Escape" ? "\x1b" : key.dataset.sends);
}
connect();
