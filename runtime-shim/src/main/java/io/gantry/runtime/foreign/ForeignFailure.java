package io.gantry.runtime.foreign;

import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.container.ContainerException.Kind;
import io.gantry.runtime.ttrpc.TtrpcException;

/** The one place where another shim's refusal becomes a kind of failure. */
final class ForeignFailure {
  private ForeignFailure() {}

  static ContainerException of(String asked, Exception cause) {
    Kind kind = cause instanceof TtrpcException answer ? kind(answer) : Kind.FAILED;
    return new ContainerException(kind, asked + ": " + cause.getMessage(), cause);
  }

  private static Kind kind(TtrpcException answer) {
    return switch (answer.code()) {
      case NOT_FOUND -> Kind.GONE;
      case INVALID_ARGUMENT -> Kind.INVALID_SPEC;
      case FAILED_PRECONDITION -> Kind.WRONG_STATE;
      case UNIMPLEMENTED -> Kind.UNSUPPORTED;
      default -> Kind.FAILED;
    };
  }
}
