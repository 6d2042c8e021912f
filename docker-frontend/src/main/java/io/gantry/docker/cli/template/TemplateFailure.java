package io.gantry.docker.cli.template;

/** A template that is none, or that asks for what there is not. */
public final class TemplateFailure extends Exception {
  private static final long serialVersionUID = 1;

  TemplateFailure(String message) {
    super(message);
  }
}
