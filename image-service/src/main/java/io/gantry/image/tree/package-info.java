/**
 * Directory trees of layers, as a port: what must be done to them that Java's file API cannot do
 * safely or at all, and the view of several stacked. Whoever assembles the daemon supplies the
 * port; no path is opened here.
 */
package io.gantry.image.tree;
