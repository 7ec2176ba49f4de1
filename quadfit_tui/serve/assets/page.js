// The page: a terminal, and the session on the server that it shows. What the two say to each other is told in
// serve/messages.py; what is kept for a reload is in sessionStorage, which no other page has.
import { isDark, open } from "./terminal.js";
import { makeRoom, takeDrags, takeKeyboard, toggleKeyboard } from "./touch.js";

const PART = 32_768; // bytes of what is typed or pasted, in a message
const LONGEST_WAIT = 5_000; // milliseconds between two tries to connect
const notice = document.getElementById("notice");
const [said, button] = notice.children;
const KEYS = { Enter: "\r", Escape: "\x1b" }; // of the bar, by their names
const encoder = new TextEncoder();

// The token is in the fragment, which no server is told and no log has; nor is it left where a projector shows it.
const token = /^#([\w-]+)$/.exec(location.hash)?.[1];
if (token && token !== sessionStorage.token) {
  sessionStorage.token = token;
  delete sessionStorage.session;
}
if (location.hash) history.replaceState(null, "", location.pathname);
addEventListener("hashchange", () => location.reload()); // the address was opened once more in the same tab

const place = document.getElementById("terminal");
const terminal = await open();
let socket = null;
let tries = 0;
let isOther = false; // whether another session began than the page had, which nobody has read yet
let timer;

function connect() {
  clearTimeout(timer);
  if (socket) socket.onopen = socket.onmessage = socket.onclose = null; // an earlier try that is still under way
  socket?.close();
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
    const mine = socket;
    const why = isFarewell(code) ? reason : opened ? "" : await refusal();
    if (socket !== mine) return; // somebody has tried once more meanwhile
    if (why) end(why);
    else retry(opened ? notice.dataset.lost : notice.dataset.unreachable);
  };
}

// A browser knows at once that it has no network; the connection itself would notice after minutes.
addEventListener("offline", () => {
  if (socket?.readyState !== WebSocket.OPEN) return;
  socket.onmessage = socket.onclose = null;
  socket.close();
  retry(notice.dataset.lost);
});

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
  isOther ||= Boolean(sessionStorage.session) && session !== sessionStorage.session;
  sessionStorage.session = session;
  tries = 0;
  if (isOther) say(notice.dataset.other, notice.dataset.close, close);
  else say(notice.dataset.starting, "");
  terminal.reset(); // the program shows everything anew
  terminal.options.disableStdin = false;
  terminal.focus();
}

function show(bytes) {
  notice.hidden = !isOther;
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

function say(what, offer, act = connect) {
  terminal.options.disableStdin = true;
  said.textContent = what;
  button.textContent = offer;
  button.onclick = act;
  button.hidden = !offer; // and what passes by itself is shown only where it takes long
  notice.hidden = false;
}

function close() {
  isOther = false;
  notice.hidden = true;
  terminal.focus();
}

const size = () => ({ size: [terminal.cols, terminal.rows] });

function send(bytes) {
  if (socket?.readyState !== WebSocket.OPEN) return;
  for (let at = 0; at < bytes.length; at += PART) socket.send(bytes.subarray(at, at + PART));
}

terminal.onData((text) => send(encoder.encode(text)));
terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))));
terminal.onResize(() => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(size())));
if (matchMedia("(pointer: coarse)").matches) {
  takeKeyboard(place, terminal);
  takeDrags(place);
  makeRoom(terminal);
}
for (const key of document.querySelectorAll("#keys button")) {
  key.onpointerdown = (event) => event.preventDefault(); // the keyboard of the screen stays as it is
  key.onclick = () => terminal.input(KEYS[key.dataset.sends] ?? key.dataset.sends);
}
document.getElementById("keyboard").onclick = () => toggleKeyboard(terminal);
connect();
