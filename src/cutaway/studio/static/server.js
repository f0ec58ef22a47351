/** @file The only module that talks to the server: one socket, questions and answers, tiles, pushes. */
import {signal} from "./vendor/ui.js";

/** "connecting", "open", "lost" (tries again) or "refused" (this page has no key). */
export const connection = signal("connecting");

const KEY = "cutaway-page";
const HEADER_BYTES = 16;
const waiting = new Map();
const listeners = new Map();
let socket = /** @type {WebSocket | null} */ (null);
let count = 0;
let attempts = 0;
let offered = ""; // a secret that stood in the address, until the server has taken it
const outbox = [];
let state = /** @type {any} */ ({}); // of the document, as it was pushed last

/** An error of the server. */
export class ServerError extends Error {
  /** @param {{kind?: string, message?: string, line?: number}} error */
  constructor({kind = "Error", message = "", line}) {
    super(message);
    this.kind = kind;
    this.line = line;
  }
}

/**
 * The page's secret: in the address's fragment after the redirect, then kept for this origin only.
 * Any site can lead here with one of its own making, so it is kept when the server has taken it.
 */
function takeKey() {
  const found = /^#page=([\w-]+)$/.exec(location.hash);
  if (found) {
    offered = found[1];
    history.replaceState(null, "", location.pathname);
  }
  return offered || (localStorage.getItem(KEY) ?? "");
}

/** The header that every change must carry. */
export function secretHeader() {
  return {"X-Cutaway-Page": localStorage.getItem(KEY) ?? ""};
}

/** Connect, and keep connected. */
export function connect() {
  const key = takeKey();
  if (!key) {
    connection.value = "refused";
    return;
  }
  const opened = new WebSocket(`ws://${location.host}/socket`, ["cutaway", `cutaway.${key}`]);
  opened.binaryType = "arraybuffer";
  opened.onopen = () => {
    attempts = 0;
    if (key === offered) {
      localStorage.setItem(KEY, key);
      offered = "";
    }
    connection.value = "open";
    for (const message of outbox.splice(0)) opened.send(message);
  };
  opened.onmessage = ({data}) => (typeof data === "string" ? receiveText(data) : receiveTile(data));
  opened.onclose = async () => {
    failAll();
    connection.value = "lost";
    attempts += 1;
    // A refused socket tells a script nothing; a question that carries the key is answered.
    const answer = await fetch("/key", {
      method: "POST",
      body: "{}",
      headers: {"Content-Type": "application/json", "X-Cutaway-Page": key},
    }).catch(() => null);
    const refused = answer && [401, 403].includes(answer.status);
    if (refused && key === offered) {
      offered = "";
      connect();
    } else if (refused) connection.value = "refused";
    else setTimeout(connect, Math.min(2000, 150 * attempts));
  };
  socket = opened;
}

// Another tab that was opened with a new address brings the key of a server that started again.
addEventListener("storage", (event) => {
  if (event.key === KEY && (connection.value === "lost" || connection.value === "refused"))
    connect();
});
// A new address typed into this very tab changes the fragment only, and loads nothing.
addEventListener("hashchange", () => {
  takeKey();
  if (connection.value === "refused") connect();
});

function failAll() {
  for (const {reject} of waiting.values()) {
    reject(
      new ServerError({
        kind: "Lost",
        message: "The connection to Cutaway broke off. It is tried again.",
      }),
    );
  }
  waiting.clear();
}

function receiveText(text) {
  for (const said of JSON.parse(text)) {
    const message = said.push === "changed" ? changed(said) : said;
    if (message.push === "state") state = message;
    if (message.push) {
      for (const listener of listeners.get(message.push) ?? []) listener(message);
      continue;
    }
    const asked = waiting.get(message.re);
    waiting.delete(message.re);
    if (!asked) continue;
    if (message.error) asked.reject(new ServerError(message.error));
    else asked.resolve(message.ok);
  }
}

/** The whole state, when what has changed in it was pushed: fields, and lists from a place on. */
function changed({fields, longer}) {
  const lists = {};
  for (const [name, [place, rest]] of Object.entries(longer))
    lists[name] = [...state[name].slice(0, place), ...rest];
  return {...state, ...fields, ...lists};
}

function receiveTile(buffer) {
  const [id, rows, columns] = new Uint32Array(buffer, 0, 3);
  const asked = waiting.get(id);
  waiting.delete(id);
  asked?.resolve({rows, columns, numbers: buffer.slice(HEADER_BYTES)});
}

/**
 * Ask the server. Resolves with its answer; rejects with a ServerError.
 * @param {string} verb
 * @param {any} [fields]
 */
export function ask(verb, fields = {}) {
  if ("id" in fields || "do" in fields)
    throw new Error(`ask(${verb}): "id" and "do" are the message's own fields`);
  const id = ++count;
  const message = JSON.stringify({...fields, id, do: verb});
  return new Promise((resolve, reject) => {
    waiting.set(id, {resolve, reject});
    if (socket?.readyState === WebSocket.OPEN) socket.send(message);
    else if (connection.value === "connecting") outbox.push(message);
    else {
      waiting.delete(id);
      reject(new ServerError({kind: "Lost", message: "There is no connection to Cutaway."}));
    }
  });
}

/** Hear every push of a kind. @returns a function that stops it */
export function onPush(kind, listener) {
  const set = listeners.get(kind) ?? new Set();
  listeners.set(kind, set.add(listener));
  return () => set.delete(listener);
}

/** Post JSON (an object) or bytes (a Blob). Rejects with a ServerError when the answer is an error. */
export async function post(path, body, {headers = {}} = {}) {
  const bytes = body instanceof Blob || body instanceof ArrayBuffer;
  const response = await fetch(path, {
    method: "POST",
    body: bytes ? body : JSON.stringify(body ?? {}),
    headers: {
      "Content-Type": bytes ? "application/octet-stream" : "application/json",
      ...secretHeader(),
      ...headers,
    },
  });
  if (!response.ok) {
    const reply = await response.json().catch(() => ({}));
    throw new ServerError(
      reply.error ?? {kind: "Http", message: `The server answered ${response.status}.`},
    );
  }
  return response;
}
