/**
 * A CRI client over a unix socket for what crictl cannot express, and short ways to write pod and
 * container configurations. It must stay usable against any CRI runtime.
 */
package io.gantry.tests.cri;
