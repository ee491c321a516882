// The library's public surface: what the command line does, without printing.
export {};
