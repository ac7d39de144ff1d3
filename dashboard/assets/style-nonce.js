// Component libraries make <style> elements at run time. Each is given this page's nonce, so that the policy can
// refuse every other one. Loaded first, before any library.
(function () {
  const nonce = document.getElementById("style-nonce").nonce;
  const create = Document.prototype.createElement;
  Document.prototype.createElement = function (name, options) {
    const made = create.call(this, name, options);
    if (String(name).toLowerCase() === "style") made.nonce = nonce;
    return made;
  };
})();
