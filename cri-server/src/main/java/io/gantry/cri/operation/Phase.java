package io.gantry.cri.operation;

/** Where work says what it is at. */
public final class Phase {
  private Phase() {}

  /**
   * Says what the current operation is about to do, until it says the next thing; does nothing
   * outside of any operation.
   *
   * @param phase for people: "make network", "shim: create"
   */
  public static void begins(String phase) {
    Operation current = Operation.CURRENT.get();
    if (current != null) {
      current.enter(phase);
    }
  }
}
