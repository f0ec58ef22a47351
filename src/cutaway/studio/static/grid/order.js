/** @file In which order the rows of a table are seen: as the table has them, or sorted by a column. */

/** @typedef {{column: number, descending: boolean}} Sort */

export class Order {
  /**
   * @param {Sort|null} [sort] what it is sorted by; null is the order of the table
   * @param {number[]} [rows] the table's row at each place of the screen
   */
  constructor(sort = null, rows = []) {
    this.sort = sort;
    this.rows = rows;
    /** @type {number[]} */
    this.places = [];
    rows.forEach((row, place) => {
      this.places[row] = place;
    });
  }

  /** The table's row at a place of the screen. */
  row(place) {
    return this.sort ? this.rows[place] : place;
  }

  /** The place of the screen at which a row of the table is seen. */
  place(row) {
    return this.sort ? this.places[row] : row;
  }

  /** The table's rows from one place up to another; nothing where they are in the table's order. */
  part(first, end) {
    return this.sort ? this.rows.slice(first, end) : undefined;
  }
}

/** What a column is sorted by next: ascending, descending, and back to the order of the table. */
export function nextSort(sort, column) {
  if (sort?.column !== column) return {column, descending: false};
  return sort.descending ? null : {column, descending: true};
}
