/** Colors of series: told apart side by side, on white and on black, also by most who see fewer colors. */
export const palette = ['#4f6df5', '#e0803a', '#24a582', '#d1497d', '#8a63d2', '#b59a1a', '#2f9fd0', '#c2554d', '#6d8b3c', '#a065b5', '#3f8f8f', '#b9783f']
