/** Numbers for names that come back again and again, so that a column of numbers can hold them. */

/** Further names get one number together: somebody has put something else there than a name. */
const maxNames = 1000;
const furtherNames = 'others';

export class NameTable {
  /** The empty name is number 0. */
  readonly names: string[] = [''];
  readonly #numbers = new Map<string, number>([['', 0]]);

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= maxNames && name !== furtherNames) return this.numberOf(furtherNames);
    const number = this.names.push(name) - 1;
    this.#numbers.set(name, number);
    return number;
  }
}
