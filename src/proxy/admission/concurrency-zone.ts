/** How many requests of each client are served now: nginx's limit_conn. Lasts over reloads. */

export class ConcurrencyZone {
  /** Only clients with requests under way, so that no more are kept than there are requests. */
  readonly #active = new Map<string, number>();

  active(client: string): number {
    return this.#active.get(client) ?? 0;
  }

  enter(client: string): void {
    this.#active.set(client, this.active(client) + 1);
  }

  leave(client: string): void {
    const left = this.active(client) - 1;
    if (left > 0) this.#active.set(client, left);
    else this.#active.delete(client);
  }
}

/** What one request takes up until its end. */
export class ConcurrencySlots {
  readonly #client: string;
  readonly #zones: ConcurrencyZone[] = [];

  constructor(client: string) {
    this.#client = client;
  }

  take(zone: ConcurrencyZone): void {
    zone.enter(this.#client);
    this.#zones.push(zone);
  }

  release(): void {
    for (const zone of this.#zones) zone.leave(this.#client);
  }
}
