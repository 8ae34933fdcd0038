// Part of TypeDoc's checks: what a user may set has a comment. Of plain data, names and types may say enough.
import { Application, ReflectionKind } from "typedoc";

const SETTABLE = /(Options|Props|Settings|Limits|Load)$/;

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const property of project.getReflectionsByKind(ReflectionKind.Property)) {
      const owner = ownerOf(property);
      if (owner === undefined || !SETTABLE.test(owner.name) || property.hasComment()) continue;
      app.logger.validationWarning(`${owner.name}.${property.name} can be set, and has no comment`);
    }
  });
}

/** The interface or type that a property is of, through the literals it is written in. */
function ownerOf(property) {
  let owner = property.parent;
  while (owner?.kindOf(ReflectionKind.TypeLiteral)) owner = owner.parent;
  return owner?.kindOf([ReflectionKind.Interface, ReflectionKind.TypeAlias]) ? owner : undefined;
}
