/** The embedded database cannot be started, and whoever runs Hawser can do something about it: the message says what. */
export class CannotStartDatabase extends Error {
  override readonly name = "CannotStartDatabase";
}
