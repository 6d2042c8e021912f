package io.gantry.cri.images;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.image.Pushes;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Reference;
import io.gantry.image.work.Cancellation;
import io.gantry.proto.v1.LoginRequest;
import io.gantry.proto.v1.LoginResponse;
import io.grpc.Context;
import java.io.IOException;

/** Login: whether a registry takes a user's credentials. Nothing is kept of them. */
final class RegistryLogin implements Handler<LoginRequest, LoginResponse> {

  private final Pushes registries;

  RegistryLogin(Pushes registries) {
    this.registries = registries;
  }

  @Override
  public LoginResponse handle(LoginRequest request) throws IOException {
    String registry = host(request.getRegistry());
    Cancellation cancellation = new Cancellation();
    Context context = Context.current();
    Context.CancellationListener leave = gone -> cancellation.cancel();
    context.addListener(leave, Runnable::run);
    try {
      registries.login(registry, AuthConfigs.parse(request.getAuth(), registry), cancellation);
      return LoginResponse.getDefaultInstance();
    } catch (ImageException e) {
      throw ImageFailures.translated("log in to " + registry, e);
    } finally {
      context.removeListener(leave);
    }
  }

  /** The host, as references name it, of an address that may be a URL, as Docker's old one is. */
  private static String host(String address) {
    String host = address.contains("://") ? address.substring(address.indexOf("://") + 3) : address;
    int slash = host.indexOf('/');
    host = slash < 0 ? host : host.substring(0, slash);
    if (host.isEmpty() || host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
      return Reference.DEFAULT_HOST;
    }
    if (!host.matches("[A-Za-z0-9.\\[\\]:-]{1,255}")) {
      throw CriException.invalid("log in: \"" + host + "\" is no host of a registry");
    }
    return host;
  }
}
