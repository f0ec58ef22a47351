/** @file The models that are here: asked of the server, opened, deleted, fetched from the hub. */
import {effect, signal} from "../../vendor/ui.js";
import {book, view, say, showError} from "../../state.js";
import {ask, onPush} from "../../server.js";

/** The models, the bundled ones first; null until they are known. */
export const models = signal(null);
/** The folder of the store. */
export const storeFolder = signal("");
/** The download that runs or ran last: {name, state, what, done, of, unit, message}, or null. */
export const fetching = signal(null);
/** The model that is being opened. */
export const opening = signal("");
/** The tensors of the open model: {name, tensors}, or null. */
export const openTensors = signal(null);

/** The name of the model that the workbook is of. */
export const openName = () => book.value?.model?.name ?? "";

/** Ask for the models anew. */
export async function loadModels() {
  try {
    const answer = await ask("models");
    models.value = answer.models;
    storeFolder.value = answer.store;
    fetching.value = answer.fetch;
  } catch (error) {
    showError(error);
  }
}

/** Open a model in the workbook. @returns whether it was opened */
export async function openModel(name) {
  opening.value = name;
  try {
    await ask("open_model", {name});
    say(`${name} is open.`);
    return true;
  } catch (error) {
    showError(error);
    return false;
  } finally {
    opening.value = "";
  }
}

/** Delete a model of the store; the server then pushes "models". */
export async function removeModel(name) {
  try {
    await ask("model_remove", {name});
    say(`${name} was deleted.`);
  } catch (error) {
    showError(error);
  }
}

/** Fetch a model from the hub: the one thing here that leaves the machine. */
export async function fetchModel(name) {
  try {
    fetching.value = (await ask("model_fetch", {name})).fetch;
  } catch (error) {
    showError(error);
  }
}

export function stopFetching() {
  ask("model_fetch_stop").catch(showError);
}

/** Ask for the tensors of the open model. */
async function loadTensors(name) {
  try {
    const answer = await ask("model_tensors", {name});
    if (name === openName()) openTensors.value = {name, tensors: answer.tensors};
  } catch {
    openTensors.value = {name, tensors: []}; // one that was opened by its path is in no list
  }
}

onPush("models", loadModels);
onPush("fetch", (message) => {
  fetching.value = message;
});
effect(() => {
  const name = openName();
  if (view.value === "weights" && name && openTensors.peek()?.name !== name) loadTensors(name);
});
