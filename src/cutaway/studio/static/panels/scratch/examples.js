/** @file Three small sheets to begin with. */

const PREVIOUS = `# How much attention goes one token back, by head
def back(block):
    table = run[f"h{block}.attention"].array
    return np.diagonal(table, -1, 1, 2).mean(1)

blocks = range(model.config.n_layer)
shares = np.array([back(one) for one in blocks])
block, head = divmod(shares.argmax(), n_head)
print("block", block, "head", head, shares.max())
shares`;

export const EXAMPLES = [
  {
    title: "king − man + woman",
    words:
      "Subtract one word's embedding from another's, add a third, " +
      "and see which tokens of this model point the same way.",
    drawing:
      "M14 50 52 44M14 50 40 14M52 44 78 8M48.6 41.6l3.4 2.4-2.8 3M36 15l4-1 .6 4M74.4 6.2 78 8l-2.6 3.2",
    dashed: "M40 14 78 8",
    cells: [
      {kind: "formula", name: "queen", source: 'wte[" king"] - wte[" man"] + wte[" woman"]'},
      {
        kind: "formula",
        name: "near",
        source: 'nearest(queen, leave_out=[" king", " man", " woman"])',
      },
    ],
  },
  {
    title: "Attention shares out 1",
    words:
      "Every position divides exactly 1 among the tokens that it may look at. Add up each row, head by head.",
    drawing: "M12 14h66M12 14v36h66V14M12 26h66M12 38h66M78 8v6M12 8v6",
    dashed: "M34 14v12M56 14v12M26 26v12M62 38v12M42 38v12M50 26v12",
    cells: [{kind: "formula", name: "sums", source: "h0.attention.sum(axis=-1)"}],
  },
  {
    title: "Who looks one back?",
    words:
      "Some heads mostly read the token just before. A few lines of Python find the one that does so most.",
    drawing:
      "M10 46h10v-8H10zM30 46h10v-8H30zM50 46h10v-8H50zM70 46h10v-8H70z" +
      "M75 36C74 12 56 12 55 35M52.4 32.2 55 36l3-3.2",
    dashed: "M55 36C54 22 36 22 35 36M35 36C34 22 16 22 15 36",
    cells: [{kind: "code", name: "previous", source: PREVIOUS}],
  },
];
