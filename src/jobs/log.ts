/** What jobs/ says to the operator. A pino logger fits. */
export interface Log {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
