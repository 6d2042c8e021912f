package io.gantry.image.dockerfile;

/**
 * A document that stands in the Dockerfile itself.
 *
 * @param name the word that ends it
 * @param content its lines
 * @param expand whether variables in it are replaced: its name was not quoted
 * @param stripTabs whether tabs at the beginning of lines were taken away
 * @param place of its first line
 */
public record Heredoc(
    String name, String content, boolean expand, boolean stripTabs, Place place) {}
