// The messages between page and server, written by tools/message_types.py: do not edit.
// A verb is asked with the fields of `Questions[verb]` and answered with `Answers[verb]`.

export interface State {
  book?: string;
  cells?: StoredCell[];
  changes?: ChangeLine[];
  cursor?: number;
  edited?: string[];
  model?: ModelCard;
  moved?: string[];
  moved_by?: Record<string, number>;
  n_multiplications?: number | null;
  n_prompt?: number;
  n_recalculated?: number;
  name?: string;
  operations?: string[];
  prediction?: Likely[];
  prediction_before?: Likely[] | null;
  prompt?: string;
  push?: "state";
  rewritten?: Record<string, string>;
  tokens?: TextToken[];
  trusted?: boolean;
  typed?: TypedPrompt;
  version?: number;
  worker?: WorkerState;
}

export interface StoredCell {
  cell: string;
  kind: string;
  name: string;
  source: string;
}

export interface ChangeLine {
  first_row?: number;
  kind: string;
  note?: string;
  recalculated?: number;
  seconds?: number;
  words: string;
}

export interface ModelCard {
  map: SheetOfModel[];
  marks: string[];
  meanings: Record<string, Meaning>;
  n_embd: number;
  n_head: number;
  n_layer: number;
  n_positions: number;
  n_vocabulary: number;
  name: string;
  parameters: number;
  roles: Record<string, string>;
}

export interface SheetOfModel {
  block: number | null;
  key: string;
  sheet: string;
  steps: StepName[];
  weights: string[];
}

export interface StepName {
  heading: string;
  name: string;
  number: string;
}

export interface Meaning {
  formula: string;
  words: string;
}

export interface Likely {
  id: number;
  logit: number | null;
  probability: number;
  text: string;
  was: number | null;
}

export interface TextToken {
  adds: string;
  held: string;
  id: number;
  mark: boolean;
  text: string;
}

export interface TypedPrompt {
  hints: string[];
  marks: string[];
  special: boolean;
  unread: string[];
}

export interface WorkerState {
  doing: string;
  state: string;
}

export interface Glossary {
  entries: GlossaryEntry[];
}

export interface GlossaryEntry {
  example: string;
  kind: string;
  meaning: string;
  spreadsheet: string;
  word: string;
}

export interface Prompt {
  kind: "prompt";
  text: string;
  special?: boolean;
}

export interface Append {
  kind: "append";
  ids: number[];
}

export interface Numbers {
  kind: "numbers";
  table: string;
  cells?: Record<string, number | number[]>;
  value: number | unknown[];
}

export interface Mean {
  kind: "mean";
  table: string;
  cells?: Record<string, number | number[]>;
}

export interface FromPrompt {
  kind: "from_prompt";
  table: string;
  cells?: Record<string, number | number[]>;
  prompt: string;
}

export interface Formula {
  kind: "formula";
  step: string;
  formula: string;
}

export interface Operation {
  kind: "operation";
  name: string;
  source: string;
}

export interface Cost {
  first_row: number;
  note?: string;
  recalculated: number;
  seconds: number;
}

export interface Nothing {
}

export interface Written {
  ended: "count" | "end of text" | "positions" | "stopped";
  ids: number[];
}

export interface Books {
  books: ListedBook[];
}

export interface ListedBook {
  book: string;
  cells: number;
  changes: number;
  has_model: boolean;
  model: string;
  name: string;
  open: "" | "elsewhere" | "here";
  prompt: string;
  trusted: boolean;
  used: number;
}

export interface CellId {
  cell: string;
}

export interface DeletedCell {
  cell: string;
  kind: string;
  name: string;
  place: number;
  source: string;
}

export interface Models {
  fetch: Fetching | null;
  models: ListedModel[];
  store: string;
}

export interface Fetching {
  done: number;
  message: string;
  name: string;
  of: number | null;
  state: "done" | "failed" | "running" | "stopped";
  unit: string;
  what: string;
}

export interface ListedModel {
  about?: string;
  bytes?: number;
  has_tokenizer?: boolean;
  kept: "bundled" | "store";
  n_embd?: number;
  n_head?: number;
  n_layer?: number;
  n_positions?: number;
  n_tensors?: number;
  n_vocabulary?: number;
  name: string;
  parameters?: number;
  problem: string;
}

export interface ModelTensors {
  tensors: Tensor[];
}

export interface Tensor {
  axes: string[];
  dtype: string;
  file: string;
  name: string;
  sheet: string;
  size: number[];
  stored_as: string;
}

export interface Fetched {
  fetch: Fetching;
}

export interface AnnouncedFile {
  name: string;
  bytes: number;
}

export interface Upload {
  files: UploadedFile[];
  upload: string;
}

export interface UploadedFile {
  bytes: number;
  index: number;
  n_tensors?: number;
  name: string;
  state: string;
  words: string;
}

export interface CheckedUpload {
  files: UploadedFile[];
  missing: string[];
  notes: string[];
  parameters: number;
  problems: string[];
  ready: boolean;
  shape: FoundShape;
  tensors: WantedTensor[];
  there: number;
  tokenizer: FoundTokenizer;
  upload: string;
}

export interface FoundShape {
  layer_norm_epsilon?: number;
  n_embd?: number | null;
  n_head?: number | null;
  n_layer?: number | null;
  n_positions?: number | null;
  said_by?: string;
  vocab_size?: number | null;
}

export interface WantedTensor {
  axes: string[];
  dtype?: string;
  file?: string;
  name: string;
  sheet: string;
  size: (number | null)[];
  state: "missing" | "there" | "wrong";
  stored_as?: string;
  words: string;
}

export interface FoundTokenizer {
  lenders: string[];
  state: "absent" | "there" | "wrong";
  words: string;
}

export interface KeptModel {
  model: ListedModel;
}

export interface Tile {
  columns: number;
  rows: number;
}

export interface Order {
  order: number[];
}

export interface Labels {
  ids: number[] | null;
  labels: string[];
}

export interface Found {
  found: FoundRow[];
}

export interface FoundRow {
  id: number | null;
  index: number;
  text: string;
}

export interface TableView {
  axes: string[];
  block?: number | null;
  checks: Check[];
  column_axis: string;
  column_words: string;
  columns: number;
  constants?: string[];
  dependents: string[];
  drawings: string[];
  editable: boolean;
  edited: boolean;
  edits: string[];
  explanation: string;
  formula?: string;
  formula_before?: string;
  kind: "input" | "scratch" | "step" | "weight";
  largest: number;
  lowest: number;
  name: string;
  number?: string;
  operations?: string[];
  origin?: string;
  pages: PageOfTable[];
  precedents: string[];
  row_axis: string;
  row_words: string;
  rows: number;
  seconds?: number | null;
  shape_words: string;
  share: boolean;
  sheet?: string;
  size: number[];
  step?: string;
}

export interface Check {
  found: string;
  ok: boolean;
  words: string;
}

export interface PageOfTable {
  axis: string;
  chosen: number;
  count: number;
}

export interface Histogram {
  counts: number[];
  deviation: number;
  edges: number[];
  mean: number;
  not_finite: number;
  total: number;
  zeros: number;
}

export interface RangeSum {
  count: number;
  mean: number | null;
  sum: number | null;
}

export interface Calculated {
  value: number;
}

export interface CellStory {
  address: string;
  before: number | null;
  edited: boolean;
  edits?: string[];
  exact: string;
  labels: Place[];
  made_from?: MadeFrom[];
  origin: string;
  place?: CellPlace;
  table: string;
  terms: Terms | null;
  value: number | null;
  words: string;
}

export interface Place {
  axis: string;
  count_from_1: number;
  index: number;
  text: string;
}

export interface MadeFrom {
  amount: number | null;
  column: number;
  labels: string[];
  line?: "" | "column" | "row";
  row: number;
  select: Record<string, number>;
  table: string;
  value: number | null;
  weight: boolean;
}

export interface CellPlace {
  column: number;
  labels: string[];
  line?: "" | "column" | "row";
  row: number;
  select: Record<string, number>;
  table: string;
  weight: boolean;
}

export interface Terms {
  formula: string;
  note: string;
  parts: Part[];
  products: Products | null;
  result?: Result;
  shares?: Share[];
  shares_left?: SharesLeft;
}

export interface Part {
  cell: CellPlace | null;
  value: number;
  words: string;
}

export interface Products {
  count: number;
  left: string;
  rest: number;
  right: string;
  rows: Product[];
  total: number;
}

export interface Product {
  cells: (CellPlace | null)[];
  index: number;
  left: number;
  product: number;
  right: number;
}

export interface Result {
  value: number | null;
  words: string;
}

export interface Share {
  cell: CellPlace | null;
  index: number;
  score: number | null;
  share: number;
  text: string;
}

export interface SharesLeft {
  count: number;
  share: number;
}

export interface EveryProduct {
  column?: number[];
  left?: string;
  products?: number[];
  right?: string;
  row?: number[];
  sums?: number[];
}

export interface Picture {
  formula: string;
  heads: Patch[];
  made: number | string;
  prediction: boolean;
  stages: Stage[];
  table: string;
  typed: boolean;
  value: number | string;
}

export interface Patch {
  column_axis: string;
  column_labels: string[];
  first_column: number;
  first_row: number;
  lit: number[];
  n_columns: number;
  n_rows: number;
  numbers: ((number | string)[])[];
  place: Record<string, number>;
  row_axis: string;
  row_labels: string[];
  table: string;
  words: string;
}

export interface Stage {
  code: string;
  inputs: Line[];
  kind: string;
  operation: string;
  patches: Patch[];
  result: Line;
  series: Record<string, (number | string)[]>;
  shares: OneShare[];
  value: number | string;
  values: Record<string, number | string>;
  words: string;
}

export interface Line {
  axis: string;
  count: number;
  first: number;
  labels: string[];
  lit: number;
  numbers: (number | string)[];
  place: Record<string, number>;
  sizes: Record<string, number>;
  table: string;
  whole: boolean;
  words: string;
}

export interface OneShare {
  index: number;
  label: string;
  raised: number | string;
  score: number | string;
  share: number | string;
}

export interface WayBack {
  way: OnTheWay[];
}

export interface OnTheWay {
  column: number;
  labels: string[];
  line?: "" | "column" | "row";
  row: number;
  select: Record<string, number>;
  table: string;
  value: number | null;
  weight: boolean;
}

export interface CellReaders {
  readers: MovedReader[];
}

export interface MovedReader {
  column: number;
  labels: string[];
  line?: "" | "column" | "row";
  moves: number;
  row: number;
  select: Record<string, number>;
  table: string;
  value: number | null;
  weight: boolean;
}

export interface Glance {
  blocks: BlockGlance[];
}

export interface BlockGlance {
  changes: number[];
  id: number;
  probability: number;
  text: string;
}

export interface Overview {
  areas: Area[];
  first: Strips[];
  first_position: number;
  last: Strips | null;
  plates: Plate[];
  tokens: Token[];
}

export interface Area {
  block: number | null;
  key: string;
  numbers: number;
  table: string;
  words: string;
}

export interface Strips {
  meaning: string;
  role: string;
  rows: number[][];
  table: string;
}

export interface Plate {
  block: number;
  change: number[];
  firing: number;
  guess: GuessThere | null;
  n_neurons: number;
  neurons: Strips | null;
  output: Strips | null;
  reading: Reading | null;
}

export interface GuessThere {
  id: number;
  probability: number;
  text: string;
}

export interface Reading {
  heads: number[][];
  meaning: string;
  n_heads: number;
  shares: number[][];
  table: string;
}

export interface Token {
  id: number;
  text: string;
}

export interface Hint {
  after?: string;
  before?: string;
  column?: number;
  row?: number;
  select?: Record<string, number>;
  table?: string;
  value?: number;
}

export interface Choice {
  draw: number | null;
  greedy: boolean;
  headings: Heading[];
  interval: number[] | null;
  n_after_no_repeat: number;
  n_after_top_k: number;
  n_after_top_p: number;
  n_vocabulary: number;
  rows: ChoiceRow[];
  shown: Record<string, string>;
  text: string | null;
  token: number | null;
}

export interface Heading {
  sentence: string;
  words: string;
}

export interface ChoiceRow {
  adds: string;
  after_penalty: number;
  held: string;
  id: number;
  in_top_k: boolean;
  in_top_p: boolean;
  logit: number;
  probability: number;
  repeats: boolean;
  scaled: number | null;
  shares: number[];
  text: string;
}

export interface OperationSource {
  name: string;
  source: string;
}

export interface Other {
  before?: boolean;
  prompt?: string | null;
  model?: string | null;
}

export interface Comparison {
  compared: number;
  ids: number[];
  prediction: Likely[];
  prediction_other: Likely[];
  rows: DifferentTable[];
  rows_beside: RowsBeside;
  tokens_other: string[];
  words: string;
}

export interface DifferentTable {
  after: number | null;
  axes: string[];
  before: number | null;
  cells: number;
  largest: number;
  place: number[];
  relative: number;
  table: string;
}

export interface RowsBeside {
  how: "end" | "start" | "word";
  only_here: number[];
  only_there: number[];
  words: string;
}

export interface CellSource {
  cell: string;
  kind: "code" | "formula";
  name?: string;
  source?: string;
}

export interface RanCell {
  cell: string;
  result: CellResult | null;
}

export interface CellResult {
  count?: number;
  line?: number | null;
  made?: Made[];
  message?: string;
  preview?: Preview;
  ranking?: Ranked[];
  seconds?: number | null;
  shape_words?: string;
  state: string;
  table?: string | null;
  text?: string;
}

export interface Made {
  name: string;
  table: string | null;
  words: string;
}

export interface Preview {
  column_axis: string;
  column_labels: string[];
  largest: number;
  lowest: number;
  n_columns: number;
  n_rows: number;
  pages: PageCount[];
  row_axis: string;
  row_labels: string[];
  rows: ((number | string)[])[];
}

export interface PageCount {
  axis: string;
  count: number;
}

export interface Ranked {
  cosine: number;
  id: number;
  token: string;
}

export interface Evaluated {
  text: string;
}

export interface CellResults {
  results: Record<string, CellResult>;
}

export interface CellNames {
  names: NameToUse[];
}

export interface NameToUse {
  kind: string;
  name: string;
  words: string;
}

export interface Tokenizers {
  tokenizers: NamedTokenizer[];
}

export interface NamedTokenizer {
  n_tokens: number;
  name: "gpt2" | "model";
  title: string;
}

export interface PromptTokens {
  n_bytes: number;
  n_characters: number;
  n_prompt: number;
  pieces: (string | (string | number)[])[];
  text: string | (string | number)[];
  tokens: PromptToken[];
}

export interface PromptToken {
  after: string;
  before: string;
  first_byte: number;
  hex: string;
  id: number;
  piece: number;
  text: string | (string | number)[];
}

export interface TokensText {
  n_bytes: number;
  n_characters: number;
  text: string | (string | number)[];
  tokens: ShownToken[];
}

export interface ShownToken {
  hex: string;
  id: number;
  text: string | (string | number)[];
}

export interface MergeSteps {
  n_bytes: number;
  n_characters: number;
  pattern: string;
  pieces: Piece[];
  text: string;
}

export interface Piece {
  characters: Letter[];
  hex: string;
  letters: string;
  steps: MergeStep[];
  text: string;
  tokens: ShownToken[];
}

export interface Letter {
  n_bytes: number;
  text: string;
}

export interface MergeStep {
  joined: number[];
  left: string | (string | number)[];
  makes: string | (string | number)[];
  rank: number;
  ranks: (number | null)[];
  right: string | (string | number)[];
  sizes: number[];
  tokens: (string | (string | number)[])[];
}

export interface Spellings {
  spellings: Spelling[];
}

export interface Spelling {
  case?: string;
  front?: string;
  n_bytes: number;
  n_characters: number;
  text: string;
  tokens: ShownToken[];
}

export interface VocabularyRows {
  first: number;
  query: string;
  rows: VocabularyRow[];
  total: number;
}

export interface VocabularyRow {
  hex: string;
  id: number;
  kind: "byte" | "merge" | "special";
  n_bytes: number;
  n_part_of: number;
  rank: number | null;
  text: string | (string | number)[];
}

export interface VocabularyToken {
  hex: string;
  id: number;
  kind: "byte" | "merge" | "special";
  letters: string;
  made_by: MergeRow[];
  n_bytes: number;
  n_part_of: number;
  part_of: MergeRow[];
  rank: number | null;
  text: string | (string | number)[];
}

export interface MergeRow {
  left: ShownToken;
  makes: ShownToken;
  rank: number;
  right: ShownToken;
}

export interface MergeRows {
  first: number;
  query: string;
  rows: MergeRow[];
  total: number;
}

export interface Learned {
  passes: number;
  stopped: boolean;
}

export interface Surprised {
  bits: number;
  in_windows: boolean;
  levels: number[];
  mean: number;
  n_predicted: number;
  nats: number;
  perplexity: number | null;
  tokens: SurprisingToken[];
}

export interface SurprisingToken {
  adds: string;
  bits: number | null;
  id: number;
  level: number;
  likelier: LikelierToken[];
  place: number;
  probability: number | null;
  rank: number | null;
  text: string;
}

export interface LikelierToken {
  id: number;
  probability: number;
  text: string;
}

export interface Course {
  lessons: LessonOfCourse[];
}

export interface LessonOfCourse {
  asks: number[];
  at: number;
  done: boolean;
  minutes: number;
  name: string;
  number: number;
  pieces: string[];
  question: Paragraph[];
  title: string;
}

export interface Paragraph {
  kind: string;
  lines: Words[][];
  rows: Words[][][];
}

export interface Words {
  kind: string;
  text: string;
  to: string;
}

export interface LessonPiece {
  heading: string;
  lesson: string;
  parts: LessonPart[];
  piece: number;
  prompt: string;
  title: string;
  told_of: string;
}

export interface LessonPart {
  answer?: Paragraph[];
  blocks?: Paragraph[];
  change?: Record<string, unknown>;
  column?: number | null;
  fields?: Record<string, string>;
  how?: string;
  kind: string;
  options?: Paragraph[][];
  row?: number | null;
  select?: Record<string, number>;
  table?: string;
  view?: string;
  words?: string;
}

export interface Verdict {
  answer: string;
  because: Paragraph[];
  right: boolean;
  solution: Record<string, unknown>[];
  wrong: Paragraph[];
}

export interface Claims {
  claims: ClaimLine[];
  model: string;
}

export interface ClaimLine {
  claimed: string;
  how: string;
  item: string;
  mark: string;
  measured?: string;
  place: number;
  result?: "differs" | "needs" | "same";
  says: string;
  source: string;
  subject: string;
}

export interface MeasuredClaims {
  measured: number;
  stopped: boolean;
}

export interface Certificate {
  stopped: boolean;
  tables: VerifiedTable[];
}

export interface VerifiedTable {
  difference: number | null;
  limit: number;
  outcome: "absent" | "differs" | "same";
  table: string;
}

export interface Questions {
  hello: {};
  glossary: {};
  change: {change: Prompt | Append | Numbers | Mean | FromPrompt | Formula | Operation};
  undo: {};
  redo: {};
  reset: {};
  go_to: {cursor: number};
  generate: {temperature?: number; top_k?: number | null; top_p?: number | null; repetition_penalty?: number | null; no_repeat_ngram?: number | null; seed?: number | null; count: number};
  stop: {};
  interrupt: {};
  kill: {};
  trust: {};
  open_model: {name: string};
  new: {prompt?: string | null};
  books: {};
  book_open: {book: string};
  book_name: {book: string; name: string};
  book_delete: {book: string};
  cell_add: {after?: string; kind?: "code" | "formula"; name?: string; source?: string};
  cell_set: {cell: string; kind?: "code" | "formula" | null; name?: string | null; source?: string | null};
  cell_delete: {cell: string};
  cell_move: {cell: string; to: number};
  models: {};
  model_tensors: {name: string};
  model_remove: {name: string};
  model_fetch: {name: string};
  model_fetch_stop: {};
  upload_begin: {files?: AnnouncedFile[]; upload?: string | null};
  upload_check: {upload: string; n_head?: number | null; tokenizer?: string | null};
  upload_finish: {upload: string; n_head?: number | null; tokenizer?: string | null; name: string; replace?: boolean};
  upload_leave_out: {upload: string; index: number};
  upload_drop: {upload: string};
  debug: {command: "continue" | "next" | "pause" | "return" | "step" | "stop" | "watch"; watch?: string[] | null};
  tile: {table: string; select?: Record<string, number>; of?: "before" | "now"; row: number; column: number; rows?: number[] | null};
  order: {table: string; select?: Record<string, number>; of?: "before" | "now"; column: number; descending: boolean};
  labels: {table: string; select?: Record<string, number>; of?: "before" | "now"; axis: "column" | "row"; first: number; count: number; rows?: number[] | null};
  find: {table: string; select?: Record<string, number>; of?: "before" | "now"; axis: "column" | "row"; query: string};
  table_view: {table: string; select?: Record<string, number>; of?: "before" | "now"};
  histogram: {table: string; select?: Record<string, number>; of?: "before" | "now"};
  range_sum: {table: string; select?: Record<string, number>; of?: "before" | "now"; row: number; column: number; row_end: number; column_end: number};
  calculate: {text: string};
  cell: {table: string; select?: Record<string, number>; of?: "before" | "now"; row: number; column: number};
  products: {table: string; select?: Record<string, number>; of?: "before" | "now"; row: number; column: number};
  picture: {table: string; select?: Record<string, number>; of?: "before" | "now"; row: number; column: number};
  back: {table: string; select?: Record<string, number>; of?: "before" | "now"; row: number; column: number};
  readers: {table: string; select?: Record<string, number>; of?: "before" | "now"; row: number; column: number};
  glance: {};
  overview: {positions?: number};
  hint: {};
  stages: {temperature?: number; top_k?: number | null; top_p?: number | null; repetition_penalty?: number | null; no_repeat_ngram?: number | null; draw?: number | null};
  operation_source: {name: string};
  compare: {rows?: "end" | "start" | "word" | null; with?: Other};
  step_into: {table: string};
  cell_run: {cells?: CellSource[]; cell: string};
  cell_run_to: {cells?: CellSource[]; cell: string};
  cell_run_all: {cells?: CellSource[]};
  cell_eval: {cells?: CellSource[]; source: string};
  cell_results: {};
  cell_names: {};
  tokenizers: {};
  tokens_prompt: {tokenizer?: "gpt2" | "model"; n_prompt?: number | null};
  tokens_text: {tokenizer?: "gpt2" | "model"; ids?: number[]};
  tokens_steps: {tokenizer?: "gpt2" | "model"; text: string};
  tokens_spellings: {tokenizer?: "gpt2" | "model"; text?: string; texts?: string[] | null};
  vocabulary: {tokenizer?: "gpt2" | "model"; query?: string; first?: number; count?: number};
  vocabulary_token: {tokenizer?: "gpt2" | "model"; token: number};
  merges: {tokenizer?: "gpt2" | "model"; query?: string; first?: number; count?: number};
  learn: {text: string; merges?: number; boundary?: "end" | "front"; ties?: "first-seen" | "lowest-ids"; first?: number; lesson?: string; tokenizer?: "gpt2" | "model" | null};
  surprise: {text?: string | null; special?: boolean; likelier?: number};
  lessons: {};
  lesson_piece: {lesson: string; piece?: number};
  lesson_done: {lesson: string};
  lesson_answer: {lesson: string; piece: number; part: number; given?: string; reveal?: boolean};
  claims: {};
  claims_measure: {};
  verify: {};
}

export interface Answers {
  hello: State;
  glossary: Glossary;
  change: Cost;
  undo: Nothing;
  redo: Nothing;
  reset: Nothing;
  go_to: Nothing;
  generate: Written;
  stop: Nothing;
  interrupt: Nothing;
  kill: Nothing;
  trust: Nothing;
  open_model: Nothing;
  new: Nothing;
  books: Books;
  book_open: Nothing;
  book_name: Nothing;
  book_delete: Nothing;
  cell_add: CellId;
  cell_set: Nothing;
  cell_delete: DeletedCell;
  cell_move: Nothing;
  models: Models;
  model_tensors: ModelTensors;
  model_remove: Nothing;
  model_fetch: Fetched;
  model_fetch_stop: Nothing;
  upload_begin: Upload;
  upload_check: CheckedUpload;
  upload_finish: KeptModel;
  upload_leave_out: Upload;
  upload_drop: Nothing;
  debug: Nothing;
  tile: Tile;
  order: Order;
  labels: Labels;
  find: Found;
  table_view: TableView;
  histogram: Histogram;
  range_sum: RangeSum;
  calculate: Calculated;
  cell: CellStory;
  products: EveryProduct;
  picture: Picture;
  back: WayBack;
  readers: CellReaders;
  glance: Glance;
  overview: Overview;
  hint: Hint;
  stages: Choice;
  operation_source: OperationSource;
  compare: Comparison;
  step_into: Nothing;
  cell_run: RanCell;
  cell_run_to: RanCell;
  cell_run_all: Nothing;
  cell_eval: Evaluated;
  cell_results: CellResults;
  cell_names: CellNames;
  tokenizers: Tokenizers;
  tokens_prompt: PromptTokens;
  tokens_text: TokensText;
  tokens_steps: MergeSteps;
  tokens_spellings: Spellings;
  vocabulary: VocabularyRows;
  vocabulary_token: VocabularyToken;
  merges: MergeRows;
  learn: Learned;
  surprise: Surprised;
  lessons: Course;
  lesson_piece: LessonPiece;
  lesson_done: Nothing;
  lesson_answer: Verdict;
  claims: Claims;
  claims_measure: MeasuredClaims;
  verify: Certificate;
}
