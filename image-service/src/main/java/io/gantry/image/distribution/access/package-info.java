/**
 * Who may do what in the registry: users with their passwords, and rules that give them rights in
 * repositories. It decides and answers nothing by itself.
 */
package io.gantry.image.distribution.access;
