"""Orders: the book under the clock, the seven operations, the line's life cycle, levers."""
