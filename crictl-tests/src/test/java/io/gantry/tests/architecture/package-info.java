/**
 * Rules that the code of all modules obeys, checked on the compiled classes and on the source
 * trees.
 *
 * <p>No test here runs anything of gantry.
 */
package io.gantry.tests.architecture;
