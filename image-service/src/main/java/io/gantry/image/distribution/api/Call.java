package io.gantry.image.distribution.api;

import io.gantry.image.distribution.access.Identity;
import io.gantry.image.distribution.exchange.Request;

/** A request together with who makes it. */
record Call(Request request, Identity identity) {

  /** HEAD is GET, but for what is left out when it is sent. */
  String method() {
    return request.method().equals("HEAD") ? "GET" : request.method();
  }
}
