/** The Engine API's volumes. What a volume is on disk is gantryd's to know. */
package io.gantry.docker.engine.volume;
