package io.gantry.image.distribution.api;

import io.gantry.image.distribution.access.Gate;
import io.gantry.image.distribution.access.Identity;
import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.ClientGoneException;
import io.gantry.image.distribution.exchange.Request;
import io.gantry.image.distribution.exchange.RequestHandler;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.failure.ImageException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers every request: finds the endpoint, lets in who may, and tells failures in its words. */
public final class RegistryApi implements RequestHandler {

  private static final Logger log = LoggerFactory.getLogger(RegistryApi.class);
  private static final String CHALLENGE = "Basic realm=\"gantry\", charset=\"UTF-8\"";

  private final Parts parts;
  private final Routes routes;

  public RegistryApi(Parts parts) {
    this.parts = parts;
    this.routes = new Routes(parts);
  }

  @Override
  public Answer handle(Request request) throws IOException {
    long begin = System.nanoTime();
    String who = "-";
    Answer answer;
    try {
      Identity identity = identify(request);
      who = identity.toString();
      answer = serve(new Call(request, identity));
    } catch (ClientGoneException gone) {
      log(request, who, begin).addKeyValue("error", gone.getMessage()).log("client gone");
      throw gone;
    } catch (ApiFailure refused) {
      answer = refused.answer();
    } catch (ImageException e) {
      log.atWarn()
          .addKeyValue("path", request.path())
          .addKeyValue("error", e.getMessage())
          .log("a request to the registry failed");
      answer = failed(e).answer();
    } catch (IOException e) {
      log.atError()
          .addKeyValue("method", request.method())
          .addKeyValue("path", request.path())
          .setCause(e)
          .log("a request to the registry failed");
      answer = failed(e).answer();
    }
    log(request, who, begin).addKeyValue("status", answer.status()).log("registry request");
    // Old clients look for it to tell a registry from other servers.
    return answer.with("Docker-Distribution-Api-Version", "registry/2.0");
  }

  private static org.slf4j.spi.LoggingEventBuilder log(Request request, String who, long begin) {
    return log.atDebug()
        .addKeyValue("method", request.method())
        .addKeyValue("path", request.path())
        .addKeyValue("user", who)
        .addKeyValue("ms", (System.nanoTime() - begin) / 1_000_000);
  }

  /** Paths on this machine are nobody's business outside of it. */
  private static ApiFailure failed(IOException e) {
    return e instanceof ImageException known && known.kind() == ImageException.Kind.UNAVAILABLE
        ? new ApiFailure(ErrorCode.UNAVAILABLE, known.getMessage())
        : new ApiFailure(ErrorCode.UNKNOWN, "the registry could not do this; its log says why");
  }

  private Identity identify(Request request) throws IOException {
    try {
      return parts.gate().identify(request.header("authorization"));
    } catch (Gate.BadCredentialsException e) {
      throw unauthorized(e.getMessage());
    }
  }

  private Answer serve(Call call) throws IOException {
    Endpoint endpoint = routes.find(call.request().path());
    Map<String, Right> methods = endpoint.methods();
    Right needed = methods.get(call.method());
    if (needed == null) {
      throw new ApiFailure(
              ErrorCode.UNSUPPORTED, call.request().method() + " means nothing at this path")
          .with("Allow", String.join(", ", methods.keySet()));
    }
    admit(call.identity(), needed, endpoint.repository());
    checkNamespace(call.request());
    if (parts.refused().contains(needed)) {
      throw new ApiFailure(ErrorCode.UNSUPPORTED, "this registry takes no " + needed);
    }
    return inNamespace(call.request(), endpoint.serve(call));
  }

  /** Mirrors are told whose images are asked for, and say that they know. */
  private Answer inNamespace(Request request, Answer answer) {
    Optional<String> namespace = request.parameter("ns");
    return parts.upstream().isPresent() && namespace.isPresent()
        ? answer.with("OCI-Namespace", namespace.get())
        : answer;
  }

  /** A cache of one registry has nothing of another's, however the repositories are called. */
  private void checkNamespace(Request request) throws ApiFailure {
    Optional<String> namespace = request.parameter("ns");
    if (parts.upstream().isPresent()
        && namespace.isPresent()
        && !namespace.get().equals(parts.upstream().get().host())) {
      throw new ApiFailure(
          ErrorCode.NAME_UNKNOWN, "this is a cache of " + parts.upstream().get().host());
    }
  }

  /** By rights alone, whether or not the repository is there: so nobody learns which are. */
  private void admit(Identity identity, Right needed, Optional<RepositoryName> repository)
      throws ApiFailure {
    boolean anonymous = identity instanceof Identity.Anonymous;
    if (repository.isEmpty()) {
      // Clients ask at the root whether credentials are wanted, and believe the answer.
      if (anonymous && parts.gate().knowsUsers()) {
        throw unauthorized("credentials are needed");
      }
    } else if (!parts.gate().allows(identity, needed, repository.get())) {
      if (anonymous && parts.gate().knowsUsers()) {
        throw unauthorized("credentials are needed");
      }
      throw new ApiFailure(
          ErrorCode.DENIED, identity + " has no right to " + needed + " in " + repository.get());
    }
  }

  private static ApiFailure unauthorized(String message) {
    return new ApiFailure(ErrorCode.UNAUTHORIZED, message).with("WWW-Authenticate", CHALLENGE);
  }
}
