package io.gantry.runtime.linux;

import java.io.IOException;
import java.util.concurrent.Callable;

/**
 * A thread for one piece of work that changes the thread for good, such as entering a namespace; it
 * ends with the work, so the change ends with it.
 */
final class Visitor<T> implements Runnable {
  private static final long STACK_BYTES = 256 * 1024;

  private final Callable<T> work;
  private final Thread thread;
  // Written by the thread, read after joining it.
  private T value;
  private Throwable failure;

  Visitor(String name, Callable<T> work) {
    this.work = work;
    this.thread = new Thread(null, this, name, STACK_BYTES);
    thread.setDaemon(true);
  }

  @Override
  public void run() {
    try {
      value = work.call();
    } catch (Throwable e) {
      failure = e;
    }
  }

  /**
   * Runs the work and waits for its end, whatever interrupts come; an interrupt is handed on to the
   * work.
   */
  T result() throws IOException {
    thread.start();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure != null) {
      throw new IOException(thread.getName() + " failed", failure);
    }
    return value;
  }
}
