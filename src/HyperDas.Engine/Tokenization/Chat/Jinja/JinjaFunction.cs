namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>A function of a template.</summary>
/// <param name="arguments">Arguments by place.</param>
/// <param name="named">Arguments by name.</param>
internal delegate object? JinjaFunction(object?[] arguments, IReadOnlyDictionary<string, object?> named);
