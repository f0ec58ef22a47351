/** @file One model that is being dropped: its files go to the server, which tells what is still missing. */
import {batch, signal} from "../../vendor/ui.js";
import {say, showError} from "../../state.js";
import {ask, onPush, secretHeader, ServerError} from "../../server.js";
import {nameFor} from "./dropped_files.js";
import {openModel} from "./models.js";

const KEPT = "cutaway-upload"; // of this tab, so that a page that is loaded anew goes on with it

/** The upload: {key, files: [{index, name, bytes, state, words}]}, or null. */
export const upload = signal(null);
/** How many bytes of each file have been sent, by its number. */
export const sent = signal(new Map());
/** What the server found in the files: the answer to "upload_check"; null until it was asked. */
export const found = signal(null);
/** What is going on: "", "sending", "reading" or "keeping". */
export const doing = signal("");
/** The last report of progress: {what, done, of, unit}, or null. */
export const progress = signal(null);
/** What the user says where the files do not: the name, the number of heads, a tokenizer's owner. */
export const choices = signal({name: "", n_head: null, tokenizer: null, replace: false});

let waiting = [];
let request = /** @type {XMLHttpRequest | null} */ (null);

/** Take files that were dropped or chosen. @param {{path: string, file: File}[]} files */
export async function dropFiles(files) {
  if (!files.length) return;
  try {
    const begun = await ask("upload_begin", {
      files: files.map(({path, file}) => ({name: path, bytes: file.size})),
      upload: upload.value?.key,
    });
    batch(() => {
      upload.value = {key: begun.upload, files: [...(upload.value?.files ?? []), ...begun.files]};
      if (!choices.value.name) choose({name: nameFor(files)});
    });
    sessionStorage.setItem(KEPT, begun.upload);
    begun.files.forEach(({index, state}, place) => {
      if (state === "awaited") waiting.push({index, file: files[place].file});
    });
    if (!doing.value) await sendAll();
  } catch (error) {
    forgetIfGone(error);
    showError(error);
  }
}

/** After the page was loaded anew: what the server still holds. */
export async function resume() {
  const key = sessionStorage.getItem(KEPT);
  if (!key || upload.value) return;
  upload.value = {key, files: []};
  if (!choices.value.name) choose({name: "my-model"});
  await check();
}

/** Other choices; those that change what is missing are looked into. */
export function choose(changed) {
  choices.value = {...choices.value, ...changed};
}

/** Ask what is there and what is missing. */
export async function check() {
  doing.value = "reading";
  try {
    const answer = await ask("upload_check", {
      upload: upload.value.key,
      n_head: choices.value.n_head,
    });
    batch(() => {
      found.value = answer;
      upload.value = {key: answer.upload, files: answer.files.map(withFailure)};
    });
  } catch (error) {
    forgetIfGone(error);
    showError(error);
  } finally {
    batch(() => {
      doing.value = "";
      progress.value = null;
    });
  }
  if (waiting.length && upload.value) await sendAll();
}

/** Take one file away again. */
export async function leaveOut(index) {
  try {
    const answer = await ask("upload_leave_out", {upload: upload.value.key, index});
    upload.value = {...upload.value, files: answer.files};
    await check();
  } catch (error) {
    showError(error);
  }
}

/** Let all files go. */
export async function letGo() {
  const {key} = upload.value;
  waiting = [];
  request?.abort();
  forget();
  await ask("upload_drop", {upload: key}).catch(() => {}); // it is gone already
}

/** Put the model into the store. @returns whether it is there */
export async function keep(andOpen) {
  const {name, n_head, tokenizer, replace} = choices.value;
  doing.value = "keeping";
  try {
    const {model} = await ask("upload_finish", {
      upload: upload.value.key,
      name,
      n_head,
      tokenizer,
      replace,
    });
    forget();
    say(`${model.name} is in the store.`);
    if (andOpen) await openModel(model.name);
    return true;
  } catch (error) {
    forgetIfGone(error);
    showError(error);
    return false;
  } finally {
    batch(() => {
      doing.value = "";
      progress.value = null;
    });
  }
}

async function sendAll() {
  doing.value = "sending";
  while (waiting.length) {
    const {index, file} = waiting.shift();
    try {
      setFile(index, (await send(index, file)).file);
    } catch (error) {
      if (!upload.value) return; // it was let go
      setFile(index, {state: "failed", words: error.message});
      if (error.kind === "DiskError") waiting = [];
    }
  }
  if (upload.value) await check();
}

/** One file's bytes, with progress, which fetch() cannot tell. */
function send(index, file) {
  const {key} = upload.value;
  return new Promise((resolve, reject) => {
    const broke = () =>
      reject(
        new ServerError({kind: "Lost", message: "The sending broke off. Drop the file once more."}),
      );
    const sending = new XMLHttpRequest();
    request = sending;
    sending.open("POST", `/upload/${key}/${index}`);
    for (const [name, value] of Object.entries({
      ...secretHeader(),
      "Content-Type": "application/octet-stream",
    })) {
      sending.setRequestHeader(name, value);
    }
    sending.upload.onprogress = ({loaded}) => {
      sent.value = new Map(sent.value).set(index, loaded);
    };
    sending.onload = () => {
      const reply = JSON.parse(sending.responseText || "{}");
      if (sending.status === 200) resolve(reply);
      else
        reject(new ServerError(reply.error ?? {message: `The server answered ${sending.status}.`}));
    };
    sending.onerror = broke;
    sending.onabort = broke;
    sending.send(file);
  });
}

/** News of a file; an older one of its name was replaced by it. */
function setFile(index, changed) {
  const files = upload.value.files.map((file) =>
    file.index === index ? {...file, ...changed} : file,
  );
  upload.value = {
    ...upload.value,
    files: files.filter((file) => file.index >= index || file.name !== changed.name),
  };
}

/** What the server still awaits although it was sent: why it did not arrive is known here only. */
function withFailure(file) {
  if (file.state !== "awaited") return file;
  const words = upload.value.files.find(({index}) => index === file.index)?.words;
  return {...file, state: "failed", words: words || "It did not arrive. Drop it once more."};
}

function forget() {
  sessionStorage.removeItem(KEPT);
  batch(() => {
    upload.value = null;
    found.value = null;
    sent.value = new Map();
    choices.value = {name: "", n_head: null, tokenizer: null, replace: false};
  });
}

/** An upload that the server holds no longer is none here either. */
function forgetIfGone(error) {
  if (/no longer held/.test(error.message)) forget();
}

onPush("progress", (message) => {
  if (message.upload && message.upload === upload.value?.key) progress.value = message;
});
