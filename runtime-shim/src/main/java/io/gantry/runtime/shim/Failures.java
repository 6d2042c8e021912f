package io.gantry.runtime.shim;

import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciSpecException;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;

/** The one place where what failed becomes a status code. */
final class Failures {
  private Failures() {}

  static TtrpcException notFound(String what) {
    return new TtrpcException(TtrpcCode.NOT_FOUND, what);
  }

  static TtrpcException wrongState(String what) {
    return new TtrpcException(TtrpcCode.FAILED_PRECONDITION, what);
  }

  static TtrpcException toStatus(Throwable failure) {
    if (failure instanceof TtrpcException known) {
      return known;
    }
    String words = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return new TtrpcException(code(failure), words, failure);
  }

  private static TtrpcCode code(Throwable failure) {
    if (failure instanceof ContainerException container) {
      return switch (container.kind()) {
        case INVALID_SPEC -> TtrpcCode.INVALID_ARGUMENT;
        // containerd's words for a start that fails on its program are free; the code is what its
        // own shim gives.
        case PROGRAM_NOT_FOUND -> TtrpcCode.NOT_FOUND;
        case PROGRAM_NOT_EXECUTABLE -> TtrpcCode.PERMISSION_DENIED;
        case WRONG_STATE, UNFIT -> TtrpcCode.FAILED_PRECONDITION;
        case GONE -> TtrpcCode.NOT_FOUND;
        case UNSUPPORTED -> TtrpcCode.UNIMPLEMENTED;
        case FAILED -> spaceOrUnknown(container);
      };
    }
    if (failure instanceof OciSpecException || failure instanceof IllegalArgumentException) {
      return TtrpcCode.INVALID_ARGUMENT;
    }
    if (failure instanceof LinuxException linux && linux.errno() == Errno.ENOENT) {
      return TtrpcCode.NOT_FOUND;
    }
    return failure instanceof OutOfMemoryError
        ? TtrpcCode.RESOURCE_EXHAUSTED
        : spaceOrUnknown(failure);
  }

  /** A full disk or a used-up quota is nobody's mistake, and the same may succeed later. */
  private static TtrpcCode spaceOrUnknown(Throwable failure) {
    Throwable cause = failure;
    while (cause != null) {
      if (cause instanceof LinuxException linux
          && (linux.errno() == Errno.ENOSPC || linux.errno() == Errno.EDQUOT)) {
        return TtrpcCode.RESOURCE_EXHAUSTED;
      }
      cause = cause.getCause();
    }
    return TtrpcCode.UNKNOWN;
  }
}
