using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Core;

namespace Serverless.Pipelines.Components;

/// <summary>Derives a component's parameters from its parameter class, and creates an instance from JSON.</summary>
internal sealed class TypedComponent<TParameters> : ComponentDescriptor
    where TParameters : class
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    private readonly Type type;
    private readonly Dictionary<string, (PropertyInfo Property, ParameterDescriptor Descriptor)> properties = new(StringComparer.Ordinal);

    public TypedComponent(Type type, ComponentAttribute attribute)
    {
        this.type = type;
        Name = attribute.Name;
        Description = attribute.Description;
        // The module's version id changes with its code, so a rebuilt component does not return an old cached result.
        Identity = $"{attribute.Name}@{attribute.Version}+{type.Module.ModuleVersionId:N}";
        foreach (var property in typeof(TParameters).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.SetMethod is null)
            {
                continue;
            }

            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            var descriptor = new ParameterDescriptor(
                name,
                KindOf(property),
                property.IsDefined(typeof(RequiredMemberAttribute)),
                TypeNameOf(property.PropertyType),
                property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? ""
            );
            properties.Add(name, (property, descriptor));
        }

        Parameters = [.. properties.Values.Select(p => p.Descriptor)];
    }

    public override string Name { get; }

    public override string Description { get; }

    public override IReadOnlyList<ParameterDescriptor> Parameters { get; }

    public override string Identity { get; }

    public override string? CheckValue(string parameter, JsonElement value)
    {
        var (property, descriptor) = properties[parameter];
        object? parsed;
        try
        {
            parsed = descriptor.Kind == ParameterKind.Value ? Parse(property, value) : CheckPath(descriptor, value);
        }
        catch (JsonException)
        {
            return $"'{parameter}' must be {descriptor.TypeName}, but is {value.GetRawText()}";
        }

        var context = new ValidationContext(new object()) { MemberName = parameter, DisplayName = parameter };
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (rule.GetValidationResult(parsed, context) is { } broken)
            {
                return broken.ErrorMessage ?? $"'{parameter}' is not valid";
            }
        }

        return null;
    }

    public override async Task<ComponentOutputs> RunAsync(
        IReadOnlyDictionary<string, JsonElement> parameters,
        ArtifactPaths artifacts,
        ComponentContext context,
        CancellationToken cancellationToken
    ) => await Create().RunAsync(Bind(parameters, artifacts), context, cancellationToken);

    public override Task<bool> StillHoldsAsync(
        IReadOnlyDictionary<string, JsonElement> parameters,
        ArtifactPaths artifacts,
        ComponentOutputs recorded,
        ComponentContext context,
        CancellationToken cancellationToken
    ) => Create().StillHoldsAsync(Bind(parameters, artifacts), recorded, context, cancellationToken);

    private static object? Parse(PropertyInfo property, JsonElement value)
    {
        if (
            value.ValueKind == JsonValueKind.Null
            && Nullable.GetUnderlyingType(property.PropertyType) is null
            && property.PropertyType.IsValueType
        )
        {
            throw new JsonException("null");
        }

        return value.Deserialize(property.PropertyType, Json);
    }

    private static object CheckPath(ParameterDescriptor descriptor, JsonElement value)
    {
        if (descriptor.Kind != ParameterKind.Inputs)
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new JsonException("path");
        }

        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
            ? value.EnumerateArray().Select(v => v.GetString()!).ToList()
            : throw new JsonException("paths");
    }

    private static ParameterKind KindOf(PropertyInfo property) =>
        property.PropertyType switch
        {
            var t when t == typeof(InputPath) => ParameterKind.Input,
            var t when t == typeof(InputPaths) => ParameterKind.Inputs,
            var t when t == typeof(OutputPath) => property.IsDefined(typeof(MetricsFileAttribute))
                ? ParameterKind.Metrics
                : ParameterKind.Output,
            _ => ParameterKind.Value,
        };

    private static string TypeNameOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(InputPath) || type == typeof(OutputPath) => "a path",
            _ when type == typeof(InputPaths) => "a list of paths",
            _ when type == typeof(string) => "text",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(long) => "a whole number",
            _ when type == typeof(double) || type == typeof(float) => "a number",
            { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName)),
            _ when typeof(System.Collections.IDictionary).IsAssignableFrom(type)
                    || type.GetInterfaces()
                        .Append(type)
                        .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) => "a map",
            _ when typeof(System.Collections.IEnumerable).IsAssignableFrom(type) => "a list",
            _ => "a map",
        };
    }

    private Component<TParameters> Create() => (Component<TParameters>)Activator.CreateInstance(type, nonPublic: true)!;

    private TParameters Bind(IReadOnlyDictionary<string, JsonElement> parameters, ArtifactPaths artifacts)
    {
        var bound = (TParameters)Activator.CreateInstance(typeof(TParameters), nonPublic: true)!;
        foreach (var (name, (property, descriptor)) in properties)
        {
            if (!parameters.TryGetValue(name, out var value))
            {
                if (descriptor.IsRequired)
                {
                    throw ServerlessException.Invalid(
                        $"Component '{Name}' requires the parameter '{name}'.",
                        $"Set '{name}' ({descriptor.TypeName}) under `with`."
                    );
                }

                continue;
            }

            if (CheckValue(name, value) is { } wrong)
            {
                throw ServerlessException.Invalid($"Component '{Name}': {wrong}.");
            }

            property.SetValue(
                bound,
                descriptor.Kind switch
                {
                    ParameterKind.Input => artifacts.Input(value.GetString()!),
                    ParameterKind.Inputs => new InputPaths([.. value.EnumerateArray().Select(v => artifacts.Input(v.GetString()!))]),
                    ParameterKind.Output or ParameterKind.Metrics => artifacts.Output(value.GetString()!),
                    _ => Parse(property, value),
                }
            );
        }

        return bound;
    }
}
