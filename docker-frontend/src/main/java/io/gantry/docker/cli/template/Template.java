package io.gantry.docker.cli.template;

/** A template that was read, ready to be filled in many times. */
public final class Template {
  private final Node root;

  private Template(Node root) {
    this.root = root;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateFailure if it is none; the message says what is wrong with it
   */
  public static Template parse(String text) throws TemplateFailure {
    return new Template(new Parser(Lexer.split(text)).parse());
  }

  /** Fills it in. */
  public String fill(Fields fields) throws TemplateFailure {
    StringBuilder out = new StringBuilder();
    root.write(new Scope(fields), out);
    return out.toString();
  }
}
