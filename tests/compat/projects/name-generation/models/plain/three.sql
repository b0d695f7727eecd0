select * from {{ ref('two') }} -- {{ this }} {{ this.schema }} {{ this.identifier }} {{ model.alias }}
