namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// A drawn pair of prompts. The patched attribute determines whether it is cause or isolate (docs/methods.md#ravels-instances).
/// </summary>
/// <param name="BaseTemplate">The base template.</param>
/// <param name="BaseEntity">Its entity.</param>
/// <param name="SourceTemplate">The source template.</param>
/// <param name="SourceEntity">Its entity.</param>
internal sealed record InstanceDraw(InstanceTemplate BaseTemplate, string BaseEntity, InstanceTemplate SourceTemplate, string SourceEntity);
