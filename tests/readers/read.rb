# Reads what stands on standard input, a line of JSON {id, kind, text} for each, and says what Psych, the
# reader of Jekyll, makes of those in YAML: {id, reader, tree} or {id, reader, error}.
#
# A tree is {map: [[key, tree], …]}, {list: [tree, …]} or {leaf: [type, text]}.

require "date"
require "json"
require "psych"

def tree(value)
  case value
  when nil then { leaf: ["null", ""] }
  when Array then { list: value.map { |part| tree(part) } }
  when Hash then { map: value.map { |key, part| [key.nil? ? "" : key.to_s, tree(part)] } }
  when String then { leaf: ["str", value] }
  when true, false then { leaf: ["bool", value.to_s] }
  when Time then { leaf: ["date", value.utc.strftime("%Y-%m-%dT%H:%M:%S.%6NZ")] }
  when Date then { leaf: ["date", value.iso8601] }
  when Numeric then { leaf: ["num", value.to_s] }
  else { leaf: [value.class.name, value.to_s] }
  end
end

$stdout.set_encoding("UTF-8")
$stdin.set_encoding("UTF-8")
$stdin.each_line do |line|
  asked = JSON.parse(line)
  next unless asked["kind"] == "yaml"
  begin
    read = Psych.safe_load(asked["text"], permitted_classes: [Date, Time, Symbol], aliases: true)
    puts JSON.generate({ id: asked["id"], reader: "Psych", tree: tree(read) })
  rescue Psych::Exception, ArgumentError => error
    puts JSON.generate({ id: asked["id"], reader: "Psych", error: error.message.lines.first.to_s.strip })
  end
end
