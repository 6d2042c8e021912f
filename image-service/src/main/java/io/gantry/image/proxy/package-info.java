/**
 * Which proxy stands between this node and a registry, as the environment or the configuration
 * says. Nothing here sends anything; the registry client asks for each address it is about to
 * connect to.
 */
package io.gantry.image.proxy;
