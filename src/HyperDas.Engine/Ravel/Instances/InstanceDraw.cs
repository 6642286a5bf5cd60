namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// A drawn pair of prompts. It is neither cause nor isolate yet: that depends on the attribute that is patched
/// (docs/methods.md#ravels-instances).
/// </summary>
/// <param name="BaseTemplate">The template that is edited.</param>
/// <param name="BaseEntity">Its entity.</param>
/// <param name="SourceTemplate">The template that the value comes from.</param>
/// <param name="SourceEntity">Its entity.</param>
internal sealed record InstanceDraw(InstanceTemplate BaseTemplate, string BaseEntity, InstanceTemplate SourceTemplate, string SourceEntity);
