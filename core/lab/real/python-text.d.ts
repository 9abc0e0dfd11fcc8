/** The text of a Python script, as the bundler puts it in. */
declare module '*.py?raw' {
  const text: string;
  export default text;
}
