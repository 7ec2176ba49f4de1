// xterm.js writes its styles as text into the page, which the page's policy refuses, whoever does it. Through the object
// model they are allowed: what is made in place of a <style> element passes its text on to a style sheet of the
// document's, and a style attribute is set one property after the other. Imported before xterm.js is.
const create = document.createElement.bind(document);
document.createElement = (name, options) => {
  if (name !== "style") return create(name, options);
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return Object.defineProperty(create("template"), "textContent", { set: (text) => sheet.replaceSync(text) });
};

const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};
